#include "demos/metadata.h"

#include "base/arena.h"
#include "files/h5_util.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char GENERATED[] = "generated_by_conversion";

enum { MAX_METADATA = 1 << 20, MAX_NAME = 4096 };

mg_status mg_metadata_path(const char *path, char *metadata, size_t capacity) {
  static const char *const endings[] = {".h5", ".hdf5"};
  size_t length = strlen(path);
  for (int i = 0; i < 2; i++) {
    size_t ending = strlen(endings[i]);
    if (length > ending && strcmp(path + length - ending, endings[i]) == 0) {
      length -= ending;
      break;
    }
  }
  int n = snprintf(metadata, capacity, "%.*s.metadata.json", (int)length, path);
  if (n < 0 || (size_t)n >= capacity)
    return mg_fail(MG_ERR_CREATE, "%s: the name is too long", path);
  return MG_OK;
}

bool mg_is_env_id(const char *text) {
  static const char allowed[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/-";
  size_t length = strlen(text);
  return length >= 1 && length < 64 && strspn(text, allowed) == length;
}

static bool take(const cJSON *id, char *env_id, size_t capacity) {
  if (!cJSON_IsString(id) || !mg_is_env_id(id->valuestring)) return false;
  if (strlen(id->valuestring) >= capacity) return false;
  strcpy(env_id, id->valuestring);
  return true;
}

bool mg_env_id_of_spec(const char *spec, char *env_id, size_t capacity) {
  cJSON *root = cJSON_Parse(spec);
  bool found = take(cJSON_GetObjectItemCaseSensitive(root, "id"), env_id, capacity);
  cJSON_Delete(root);
  return found;
}

/* A small regular file as text; NULL otherwise. */
static char *read_text_file(const char *path) {
  int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return NULL;
  struct stat info;
  char *text = NULL;
  if (fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= MAX_METADATA)
    text = mg_memory_take(1, (size_t)info.st_size + 1);
  ssize_t got = text ? read(file, text, (size_t)info.st_size) : -1;
  close(file);
  if (got >= 0) return text;
  free(text);
  return NULL;
}

/* env_spec is an EnvSpec in JSON, in a string (as Minari writes it) or as it is. */
static bool env_id_in(const char *path, char *env_id, size_t capacity) {
  char *text = read_text_file(path);
  if (!text) return false;
  cJSON *root = cJSON_Parse(text);
  const cJSON *spec = cJSON_GetObjectItemCaseSensitive(root, "env_spec");
  bool found = cJSON_IsString(spec)
                   ? mg_env_id_of_spec(spec->valuestring, env_id, capacity)
                   : take(cJSON_GetObjectItemCaseSensitive(spec, "id"), env_id, capacity);
  found = found || take(cJSON_GetObjectItemCaseSensitive(root, "env_id"), env_id, capacity);
  cJSON_Delete(root);
  free(text);
  return found;
}

/* Minari's own name of the file beside main_data.hdf5; false if `path` is called otherwise. */
static bool name_in_folder(const char *path, char metadata[MAX_NAME]) {
  const char *slash = strrchr(path, '/');
  int folder = slash ? (int)(slash + 1 - path) : 0;
  if (strcmp(path + folder, "main_data.hdf5") != 0) return false;
  int n = snprintf(metadata, MAX_NAME, "%.*smetadata.json", folder, path);
  return n > 0 && n < MAX_NAME;
}

bool mg_metadata_env_id(const char *path, char *env_id, size_t capacity) {
  char metadata[MAX_NAME];
  return (mg_metadata_path(path, metadata, sizeof metadata) == MG_OK &&
          env_id_in(metadata, env_id, capacity)) ||
         (name_in_folder(path, metadata) && env_id_in(metadata, env_id, capacity));
}

bool mg_metadata_is_arrow(const char *metadata) {
  char *text = read_text_file(metadata);
  cJSON *root = text ? cJSON_Parse(text) : NULL;
  const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "data_format");
  const bool arrow = cJSON_IsString(format) && strcmp(format->valuestring, "arrow") == 0;
  cJSON_Delete(root);
  free(text);
  return arrow;
}

char *mg_metadata_beside(const char *path) {
  char metadata[MAX_NAME], *text = NULL;
  if (mg_metadata_path(path, metadata, sizeof metadata) == MG_OK) text = read_text_file(metadata);
  if (!text && name_in_folder(path, metadata)) text = read_text_file(metadata);
  if (text && *text == '{') return text;
  free(text);
  return NULL;
}

bool mg_metadata_env_id_of_file(hid_t file, char *env_id, size_t capacity) {
  char spec[8192];
  if (mg_h5_read_text(file, "env_id", env_id, capacity) && mg_is_env_id(env_id)) return true;
  env_id[0] = 0;
  return mg_h5_read_text(file, "env_spec", spec, sizeof spec) &&
         mg_env_id_of_spec(spec, env_id, capacity);
}

/* ---- writing ---- */

static void add_json_text(cJSON *root, const char *key, cJSON *value) {
  char *text = cJSON_PrintUnformatted(value);
  if (text) cJSON_AddStringToObject(root, key, text);
  cJSON_free(text);
  cJSON_Delete(value);
}

/* Gymnasium's Box without bounds, which is what recorded values are; Python's JSON has Infinity. */
static cJSON *make_box(int size, const char *dtype) {
  cJSON *box = cJSON_CreateObject(), *shape;
  cJSON_AddStringToObject(box, "type", "Box");
  cJSON_AddStringToObject(box, "dtype", dtype);
  shape = cJSON_AddArrayToObject(box, "shape");
  cJSON_AddItemToArray(shape, cJSON_CreateNumber(size));
  for (int end = 0; end < 2; end++) {
    cJSON *bound = cJSON_AddArrayToObject(box, end ? "high" : "low");
    for (int i = 0; i < size; i++)
      cJSON_AddItemToArray(bound, cJSON_CreateRaw(end ? "Infinity" : "-Infinity"));
  }
  return box;
}

static cJSON *make_discrete(int choices, const char *dtype) {
  cJSON *discrete = cJSON_CreateObject();
  cJSON_AddStringToObject(discrete, "type", "Discrete");
  cJSON_AddStringToObject(discrete, "dtype", dtype);
  cJSON_AddNumberToObject(discrete, "start", 0);
  cJSON_AddNumberToObject(discrete, "n", choices);
  return discrete;
}

/* kwargs as they are: they may hold Infinity, which Python reads and cJSON does not. */
static cJSON *make_env_spec(const char *env_id, const char *kwargs) {
  cJSON *spec = cJSON_CreateObject();
  cJSON_AddStringToObject(spec, "id", env_id);
  cJSON_AddRawToObject(spec, "kwargs", kwargs ? kwargs : "{}");
  cJSON_AddArrayToObject(spec, "additional_wrappers");
  return spec;
}

/* What every data set has. For choices action_size is their number. */
static cJSON *make_metadata(int64_t episodes, int64_t steps, int observation_size,
                            const char *observation_type, bool discrete, int action_size,
                            const char *action_type) {
  cJSON *root = cJSON_CreateObject();
  cJSON_AddNumberToObject(root, "total_episodes", (double)episodes);
  cJSON_AddNumberToObject(root, "total_steps", (double)steps);
  cJSON_AddStringToObject(root, "data_format", "hdf5");
  cJSON_AddFalseToObject(root, "jpeg_encoding");
  add_json_text(root, "observation_space", make_box(observation_size, observation_type));
  add_json_text(root, "action_space",
                discrete ? make_discrete(action_size, action_type)
                         : make_box(action_size, action_type));
  return root;
}

static char *print(cJSON *root) {
  char *text = cJSON_Print(root);
  cJSON_Delete(root);
  return text;
}

char *mg_metadata_text(const mg_dataset_origin *p, bool discrete, const char *dataset_id) {
  char description[768];
  snprintf(description, sizeof description,
           "Recorded by %s on %s, %s; policy checksum %016" PRIx64 ", seed %" PRIu64
           "; return %.2f (sd %.2f)",
           p->program, p->simulator, p->policy, p->policy_checksum, p->seed, p->return_mean,
           p->return_sd);
  cJSON *root =
      make_metadata(p->total_episodes, p->total_steps, (int)p->observation_size, "float64",
                    discrete, (int)p->action_size, discrete ? "int64" : "float64");
  add_json_text(root, "env_spec", make_env_spec(p->env_id, p->env_kwargs));
  cJSON_AddStringToObject(root, "env_id", p->env_id);
  cJSON_AddStringToObject(root, "dataset_id", dataset_id);
  cJSON_AddStringToObject(root, "algorithm_name", p->policy);
  cJSON_AddStringToObject(root, "description", description);
  cJSON_AddStringToObject(root, "minari_version", "0.5.4");
  mg_dataset_origin_add(root, p);
  return print(root);
}

char *mg_metadata_of_form(const mg_form *form, const char *name, int64_t episodes, int64_t steps) {
  char id[192], description[512];
  const char *task = *form->env_id ? form->env_id : "unknown";
  mg_metadata_dataset_id("converted", task, name, id);
  snprintf(description, sizeof description, "Converted from another layout%s%s",
           form->final_observation
               ? ""
               : "; the last observation of each episode repeats its forerunner",
           form->rewards ? "" : "; no rewards were known, they are zeros");
  cJSON *root = make_metadata(episodes, steps, form->observation_size,
                              mg_value_type_name(form->observation_type), form->discrete,
                              form->discrete ? form->choices : form->action_size,
                              mg_value_type_name(form->action_type));
  if (*form->env_id) {
    add_json_text(root, "env_spec", make_env_spec(form->env_id, NULL));
    cJSON_AddStringToObject(root, "env_id", form->env_id);
  }
  cJSON_AddStringToObject(root, "dataset_id", id);
  cJSON_AddStringToObject(root, "description", description);
  cJSON_AddStringToObject(root, "minari_version", "0.5.4");
  cJSON_AddTrueToObject(root, GENERATED);
  return print(root);
}

bool mg_metadata_is_generated(const char *text) {
  cJSON *root = cJSON_Parse(text);
  bool generated = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, GENERATED));
  cJSON_Delete(root);
  return generated;
}

void mg_metadata_dataset_id(const char *prefix, const char *env_id, const char *path, char *id) {
  enum { CAPACITY = 192 };
  char task[64];
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  snprintf(task, sizeof task, "%s", env_id);
  for (char *c = task; *c; c++)
    if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
  int n = snprintf(id, CAPACITY - 4, "%s/%s/%.*s", prefix, task, (int)strcspn(name, "."), name);
  if (n > CAPACITY - 5) n = CAPACITY - 5;
  for (char *c = id; *c; c++)
    if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/", *c)) *c = '_';
  strcpy(id + n, "-v0");
}
