#include "app/config/settings_args.h"

#include "algo/algorithm.h"
#include "app/config/config_table.h"
#include "base/nearest.h"

#include <string.h>

static const struct {
  const char *option, *section, *key;
} shorthands[] = {
    {"env", "run", "env"},
    {"algorithm", "run", "algorithm"},
    {"seed", "run", "seed"},
    {"steps", "run", "steps"},
    {"expert", "data", "expert"},
    {"trajectories", "data", "trajectories"},
    {"subsample", "data", "subsample"},
};

static mg_status apply_option(const char *name, const char *value, mg_settings *settings) {
  if (strcmp(name, "set") == 0) return mg_config_assign(value, settings);
  for (size_t i = 0; i < sizeof shorthands / sizeof *shorthands; i++) {
    if (strcmp(shorthands[i].option, name) != 0) continue;
    return mg_config_set(shorthands[i].section, shorthands[i].key, value, settings);
  }
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

mg_status mg_settings_apply(const mg_args *args, int ranks, mg_settings *settings) {
  for (int i = 0; i < args->count; i++) {
    if (strcmp(args->given[i].name, "config") == 0) {
      MG_TRY(mg_config_read_file(args->given[i].value, settings));
    }
  }
  for (int i = 0; i < args->count; i++) {
    MG_TRY(apply_option(args->given[i].name, args->given[i].value, settings));
  }
  MG_TRY(check_algorithm(settings));
  if (settings->run.environments % ranks != 0) {
    return mg_fail(MG_ERR_CONFIG, "run.environments = %d: expected a multiple of the %d ranks",
                   settings->run.environments, ranks);
  }
  return MG_OK;
}
