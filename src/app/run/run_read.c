#include "app/run/run_read.h"

#include "app/config/config_checksum.h"
#include "app/methods.h"
#include "app/number.h"
#include "app/run/run_folder.h"
#include "base/hash.h"
#include "files/guard.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <ini.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TEXT_MAX = 1 << 26, POINTS_MAX = 1 << 20 };

/* ---- config.ini: not parsed by the table, for another release may have other settings ---- */

typedef struct config {
  mg_collected_run *run;
  char settings[MG_COLLECTION_SETTINGS]; /* "section.key=value\n" of all but incidental ones */
  size_t length;
} config;

static int take_setting(void *user, const char *section, const char *key, const char *value) {
  config *c = user;
  mg_collected_run *run = c->run;
  const struct {
    const char *name;
    int64_t *whole;
    char *text;
    size_t size;
  } wanted[] = {
      {"run.algorithm", NULL, run->algorithm, sizeof run->algorithm},
      {"run.env", NULL, run->task, sizeof run->task},
      {"run.seed", &run->seed, NULL, 0},
      {"run.steps", &run->planned_steps, NULL, 0},
      {"run.environments", &run->environments, NULL, 0},
      {"data.expert", NULL, run->expert, sizeof run->expert},
      {"data.trajectories", &run->trajectories, NULL, 0},
      {"data.subsample", &run->subsample, NULL, 0},
  };
  char name[256];
  if (!*section) return 0; /* a comment that lost its sign, such as the checksum's */
  snprintf(name, sizeof name, "%s.%s", section, key);
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    if (strcmp(wanted[i].name, name) != 0) continue;
    if (wanted[i].whole && !mg_number_parse_whole(value, wanted[i].whole)) return 0;
    if (wanted[i].text) snprintf(wanted[i].text, wanted[i].size, "%s", value);
  }
  const mg_config_row *row = mg_config_find(section, key);
  if (!row || !row->incidental) {
    size_t room = sizeof c->settings - c->length;
    int written = snprintf(c->settings + c->length, room, "%s=%s\n", name, value);
    if (written > 0 && (size_t)written < room) c->length += (size_t)written;
  }
  return 1;
}

static mg_status open_regular(const char *path, FILE **file) {
  struct stat info;
  if (stat(path, &info) != 0) return mg_fail(MG_ERR_NO_INPUT, "%s: %s", path, strerror(errno));
  if (!S_ISREG(info.st_mode)) return mg_fail(MG_ERR_NO_INPUT, "%s: not a regular file", path);
  *file = fopen(path, "re");
  return *file ? MG_OK : mg_fail(MG_ERR_NO_INPUT, "%s: %s", path, strerror(errno));
}

static mg_status read_settings(const char *folder, config *c) {
  char path[MG_FOLDER_PATH_MAX];
  MG_TRY(mg_run_folder_file(folder, "config.ini", path, sizeof path));
  FILE *file;
  MG_TRY(mg_config_check_seal(path));
  MG_TRY(open_regular(path, &file));
  int line = ini_parse_file(file, take_setting, c);
  fclose(file);
  if (line > 0) return mg_fail(MG_ERR_DATA, "%s:%d: not a setting", path, line);
  if (line < 0 || !*c->run->algorithm || !*c->run->task)
    return mg_fail(MG_ERR_DATA, "%s: expected run.algorithm and run.env", path);
  return MG_OK;
}

mg_status mg_run_settings(const char *folder, char settings[MG_COLLECTION_SETTINGS]) {
  mg_collected_run run = {0};
  config c = {.run = &run};
  MG_TRY(read_settings(folder, &c));
  memcpy(settings, c.settings, sizeof c.settings);
  return MG_OK;
}

static mg_status read_config(const char *folder, mg_collected_run *run) {
  config c = {.run = run};
  MG_TRY(read_settings(folder, &c));
  const mg_method *method = mg_method_of_run(run->algorithm, c.settings);
  snprintf(run->method, sizeof run->method, "%s", *method->name ? method->name : run->algorithm);
  snprintf(run->settings, sizeof run->settings, "%016llx",
           (unsigned long long)mg_hash_bytes(c.settings, c.length));
  if (!(method->is & MG_METHOD_STEPS)) run->planned_steps = 0;
  if (!(method->is & MG_METHOD_IMITATES)) run->trajectories = run->subsample = 0;
  return MG_OK;
}

/* ---- result.json ---- */

static double number(const cJSON *object, const char *name) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
  return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

static int64_t whole(const cJSON *object, const char *name, int64_t otherwise) {
  double value = number(object, name);
  return value >= 0 && value <= 9e15 ? (int64_t)value : otherwise;
}

static void take_text(const cJSON *object, const char *name, char *text, size_t size) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
  if (cJSON_IsString(item)) snprintf(text, size, "%s", item->valuestring);
}

static void take_summary(const cJSON *final, const char *policy, const char *actions, double *mean,
                         double *sd, double *min) {
  const cJSON *p = cJSON_GetObjectItemCaseSensitive(final, policy);
  const cJSON *s = cJSON_GetObjectItemCaseSensitive(p, actions);
  *mean = number(s, "mean"), *sd = number(s, "sd"), *min = number(s, "min");
}

static mg_status take_result(const char *path, const cJSON *json, mg_collected_run *run) {
  const cJSON *final = cJSON_GetObjectItemCaseSensitive(json, "final");
  take_summary(final, "average", "mean_action", &run->average_mean, &run->average_sd,
               &run->average_min);
  take_summary(final, "average", "stochastic", &run->average_stochastic_mean,
               &run->average_stochastic_sd, &run->average_stochastic_min);
  take_summary(final, "raw", "mean_action", &run->raw_mean, &run->raw_sd, &run->raw_min);
  take_summary(final, "raw", "stochastic", &run->raw_stochastic_mean, &run->raw_stochastic_sd,
               &run->raw_stochastic_min);
  run->result = isnan(run->average_mean) ? run->raw_mean : run->average_mean;
  if (isnan(run->result))
    return mg_fail(MG_ERR_DATA, "%s: expected a number final.raw.mean_action.mean", path);
  run->episodes = whole(final, "episodes", 0);
  run->ranks = whole(json, "ranks", run->ranks);
  run->steps = whole(json, "steps", run->steps);
  run->iterations = whole(json, "iterations", run->iterations);
  run->seconds = number(json, "seconds");
  take_text(json, "program", run->program, sizeof run->program);
  take_text(json, "git", run->git, sizeof run->git);
  take_text(json, "expert_checksum", run->expert_checksum, sizeof run->expert_checksum);
  return MG_OK;
}

/* *text: to be freed, NULL where there is no such file. */
static mg_status read_text(const char *path, char **text) {
  *text = NULL;
  struct stat info;
  if (stat(path, &info) != 0 && errno == ENOENT) return MG_OK;
  FILE *file;
  MG_TRY(open_regular(path, &file));
  bool ok = fstat(fileno(file), &info) == 0 && info.st_size < TEXT_MAX;
  size_t size = ok ? (size_t)info.st_size : 0;
  char *all = malloc(size + 1);
  size_t got = all ? fread(all, 1, size, file) : 0;
  fclose(file);
  if (all) all[got] = '\0';
  *text = all;
  if (!ok) return mg_fail(MG_ERR_DATA, "%s: larger than a result", path);
  return all ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
}

static mg_status read_result(const char *folder, mg_collected_run *run) {
  char path[MG_FOLDER_PATH_MAX], *text;
  MG_TRY(mg_run_folder_file(folder, "result.json", path, sizeof path));
  mg_status status = read_text(path, &text);
  strcpy(run->state, text ? "finished" : "partial");
  if (status == MG_OK && text) {
    cJSON *json = cJSON_Parse(text);
    status = json ? take_result(path, json, run) : mg_fail(MG_ERR_DATA, "%s: not JSON", path);
    cJSON_Delete(json);
  }
  free(text);
  return status;
}

/* ---- curves.h5 ---- */

/* The mean return of the trajectories used, of what the curves say of the demonstrations. */
static double data_return(const char *demonstrations) {
  cJSON *json = cJSON_Parse(demonstrations);
  double mean = number(cJSON_GetObjectItemCaseSensitive(json, "return"), "mean");
  cJSON_Delete(json);
  return mean;
}

static mg_status read_curve(const char *folder, mg_collected_run *run, mg_run_curve *curve) {
  char path[MG_FOLDER_PATH_MAX];
  MG_TRY(mg_run_folder_file(folder, "curves.h5", path, sizeof path));
  MG_TRY(mg_run_curve_read(path, curve));
  run->iterations = curve->iterations, run->steps = curve->steps, run->seconds = curve->seconds;
  if (!mg_number_parse_whole(curve->ranks, &run->ranks)) run->ranks = 0;
  snprintf(run->program, sizeof run->program, "%s", curve->program);
  snprintf(run->git, sizeof run->git, "%s", curve->git);
  run->data_return = data_return(curve->demonstrations);
  return MG_OK;
}

/* ---- why there is no result ---- */

/* line [size] <- the last one of a run's log that says something. */
static void last_of_log(const char *folder, char *line, size_t size) {
  char path[MG_FOLDER_PATH_MAX], block[4096];
  FILE *file;
  *line = '\0';
  if (mg_run_folder_file(folder, "log.txt", path, sizeof path) != MG_OK ||
      open_regular(path, &file) != MG_OK)
    return;
  if (fseek(file, -(long)(sizeof block - 1), SEEK_END) != 0) rewind(file); /* a short one */
  block[fread(block, 1, sizeof block - 1, file)] = '\0';
  fclose(file);
  size_t end = strlen(block);
  while (end > 0 && strchr("\r\n ", block[end - 1])) block[--end] = '\0';
  const char *last = strrchr(block, '\n');
  const char *from = last ? last + 1 : block;
  snprintf(line, size, "%s", from + strspn(from, " "));
}

static void take_reason(const char *folder, mg_collected_run *run) {
  char path[MG_FOLDER_PATH_MAX], line[400];
  if (mg_run_folder_file(folder, "lock", path, sizeof path) != MG_OK) return;
  const mg_lock_state lock = mg_file_lock_look(path);
  last_of_log(folder, line, sizeof line);
  const char *how = lock == MG_LOCK_HELD        ? "at work"
                    : lock == MG_LOCK_DEAD      ? "killed"
                    : lock == MG_LOCK_ELSEWHERE ? "at work on another machine, or killed there"
                                                : "";
  snprintf(run->reason, sizeof run->reason, "%s%s%s", how, *how && *line ? "; last: " : "", line);
}

/* ---- all of it ---- */

static mg_status read_here(const char *folder, mg_collected_run *run, mg_run_curve *curve) {
  struct stat info;
  if (stat(folder, &info) != 0) return mg_fail(MG_ERR_NO_INPUT, "%s: %s", folder, strerror(errno));
  if (!S_ISDIR(info.st_mode)) return mg_fail(MG_ERR_NO_INPUT, "%s: not a folder", folder);
  if (strlen(folder) >= sizeof run->folder)
    return mg_fail(MG_ERR_NO_INPUT, "%s: a name of more than %zu bytes", folder,
                   sizeof run->folder - 1);
  strcpy(run->folder, folder);
  MG_TRY(read_config(folder, run));
  MG_TRY(read_curve(folder, run, curve));
  MG_TRY(read_result(folder, run));
  if (strcmp(run->state, "partial") == 0) take_reason(folder, run);
  return MG_OK;
}

typedef struct contents {
  mg_collected_run run;
  int64_t points;
} contents;

static void child(int pipe, void *user) {
  contents c = {.run = {.seconds = NAN,
                        .average_mean = NAN,
                        .average_sd = NAN,
                        .average_min = NAN,
                        .average_stochastic_mean = NAN,
                        .average_stochastic_sd = NAN,
                        .average_stochastic_min = NAN,
                        .raw_mean = NAN,
                        .raw_sd = NAN,
                        .raw_min = NAN,
                        .raw_stochastic_mean = NAN,
                        .raw_stochastic_sd = NAN,
                        .raw_stochastic_min = NAN,
                        .result = NAN,
                        .score = NAN,
                        .reference_score = NAN,
                        .steps_to_90 = NAN,
                        .random_return = NAN,
                        .data_return = NAN,
                        .reference_return = NAN}};
  mg_run_curve curve = {0};
  mg_status status = read_here(user, &c.run, &curve);
  mg_guard_tell(pipe, status);
  if (status != MG_OK) return;
  c.points = curve.points;
  mg_guard_write(pipe, &c, sizeof c);
  mg_guard_write(pipe, curve.point, (size_t)c.points * sizeof *curve.point);
}

/* *complete: the child said all that it had to say, or there is no memory to take it. */
static mg_status receive(mg_guard *guard, contents *c, mg_curve_point **point, bool *complete) {
  mg_status told;
  *complete = false;
  if (!mg_guard_hear(guard, &told)) return MG_OK;
  *complete = told != MG_OK;
  if (told != MG_OK || !mg_guard_read(guard, c, sizeof *c) || c->points < 0 ||
      c->points > POINTS_MAX)
    return told;
  size_t size = (size_t)c->points * sizeof **point;
  *point = malloc(size + 1);
  *complete = !*point || mg_guard_read(guard, *point, size);
  return *point ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory", guard->path);
}

mg_status mg_run_read(const char *folder, mg_collected_run *run, int64_t *points,
                      mg_curve_point **point) {
  char curves[MG_FOLDER_PATH_MAX] = "";
  mg_guard guard;
  contents c = {0};
  bool complete;
  *point = NULL;
  *points = 0;
  MG_TRY(mg_run_folder_file(folder, "curves.h5", curves, sizeof curves));
  const mg_guard_limits limits = mg_guard_limits_of(curves, UINT64_C(2) << 30);
  MG_TRY(mg_guard_start(&guard, folder, &limits, child, (void *)(uintptr_t)folder));
  mg_status status = receive(&guard, &c, point, &complete);
  mg_status ended = mg_guard_end(&guard, complete);
  if (ended == MG_OK && status == MG_OK) {
    *run = c.run;
    *points = c.points;
    return MG_OK;
  }
  free(*point);
  *point = NULL;
  return ended == MG_OK ? status : ended;
}
