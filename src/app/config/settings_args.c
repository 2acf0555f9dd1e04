#include "app/config/settings_args.h"

#include "algo/algorithm.h"
#include "app/config/config_table.h"
#include "base/nearest.h"

#include <assert.h>
#include <string.h>

void mg_settings_options(mg_option *options, int room) {
  int n = 0;
  options[n++] = (mg_option){"config", "FILE", "settings, INI"};
  options[n++] = (mg_option){"set", "SECTION.KEY=VALUE", "one setting; may be repeated"};
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    if (!row->option) continue;
    assert(n + 1 < room);
    options[n++] = (mg_option){row->key, row->option, row->name};
  }
  options[n] = (mg_option){0};
  (void)room; /* a release has no asserts */
}

static mg_status apply_option(const char *name, const char *value, mg_settings *settings) {
  if (strcmp(name, "set") == 0) return mg_config_assign(value, settings);
  for (const mg_config_row *row = mg_config_table; row->section; row++)
    if (row->option && strcmp(row->key, name) == 0) return mg_config_set_row(row, value, settings);
  return MG_OK; /* not a setting */
}

static mg_status check_algorithm(const mg_settings *settings) {
  const char *name = settings->run.algorithm, *near = NULL;
  if (mg_algorithm_find(name)) return MG_OK;
  char all[256] = "";
  for (const mg_algorithm_class *const *c = mg_algorithms; *c; c++) {
    mg_nearest_offer(name, (*c)->name, &near);
    size_t used = strlen(all);
    snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "", (*c)->name);
  }
  if (near) {
    return mg_fail(MG_ERR_CONFIG, "run.algorithm = '%s': unknown; did you mean %s? (there are %s)",
                   name, near, all);
  }
  return mg_fail(MG_ERR_CONFIG, "run.algorithm = '%s': unknown; expected one of %s", name, all);
}

mg_status mg_settings_apply(const mg_args *args, mg_settings *settings) {
  for (int i = 0; i < args->count; i++)
    if (strcmp(args->given[i].name, "config") == 0)
      MG_TRY(mg_config_read_file(args->given[i].value, settings));
  for (int i = 0; i < args->count; i++)
    MG_TRY(apply_option(args->given[i].name, args->given[i].value, settings));
  return check_algorithm(settings);
}
