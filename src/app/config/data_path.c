#include "app/config/data_path.h"

#include "app/config/config_table.h"
#include "app/methods.h"
#include "base/installed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "experiments/" of "experiments/hopper.ini", "" of "hopper.ini". */
static int folder_length(const char *file) {
  const char *slash = strrchr(file, '/');
  return slash ? (int)(slash + 1 - file) : 0;
}

void mg_data_path_beside(const char *file, const char *value, char path[MG_SETTING_PATH_MAX]) {
  const int n = snprintf(path, MG_SETTING_PATH_MAX, "%.*s%s", folder_length(file), file, value);
  const bool fits = n < MG_CONFIG_VALUE_MAX;
  if (!*value || *value == '/' || !fits || (!mg_is_file(path) && mg_is_file(value)))
    snprintf(path, MG_SETTING_PATH_MAX, "%s", value);
}

void mg_data_path_absolute(mg_settings *settings) {
  char *path = settings->data.expert;
  char *absolute = *path ? realpath(path, NULL) : NULL;
  if (absolute) mg_config_set("data", "expert", absolute, settings); /* or not: it stays */
  free(absolute);
}

/* "walker2d" of "Walker2d-v4". */
static void task_name(const char *id, char name[64]) {
  snprintf(name, 64, "%.*s", (int)strcspn(id, "-"), id);
  for (char *c = name; *c; c++) *c = (char)tolower((unsigned char)*c);
}

/* A preset has its task's expert beside it, and in the source tree the script that records all. */
static void advise(const char *preset, const mg_settings *s, char *advice, size_t capacity) {
  char task[64], script[4096], expert[4096];
  const int n = folder_length(preset);
  task_name(s->run.env, task);
  snprintf(script, sizeof script, "%.*sdemonstrations.sh", n, preset);
  snprintf(expert, sizeof expert, "%.*sexperts/%s.h5", n, preset, task);
  if (mg_is_file(script))
    snprintf(advice, capacity, "record them by %s %s", script, task);
  else if (mg_is_file(expert))
    snprintf(advice, capacity,
             "record some by mgail record --checkpoint %s --stochastic --episodes %d --output "
             "%s.h5, and give them by --expert %s.h5",
             expert, s->data.trajectories > 20 ? 2 * s->data.trajectories : 40, task, task);
  else
    snprintf(advice, capacity, "give demonstrations by --expert FILE");
}

mg_status mg_data_path_check(const mg_args *args, const mg_settings *settings) {
  const char *preset = mg_args_text(args, "config"), *path = settings->data.expert;
  char advice[9000];
  if (!preset || mg_args_has(args, "expert") || !*path || access(path, F_OK) == 0 ||
      !mg_method_is(settings->run.algorithm, MG_METHOD_IMITATES))
    return MG_OK;
  advise(preset, settings, advice, sizeof advice);
  return mg_fail(MG_ERR_NO_INPUT, "%s: no such file of demonstrations; %s", path, advice);
}
