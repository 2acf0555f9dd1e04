#include "data/dataset_metadata.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    text = calloc(1, (size_t)info.st_size + 1);
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

bool mg_metadata_env_id(const char *path, char *env_id, size_t capacity) {
  char metadata[MAX_NAME];
  if (mg_metadata_path(path, metadata, sizeof metadata) == MG_OK &&
      env_id_in(metadata, env_id, capacity))
    return true;
  const char *slash = strrchr(path, '/');
  int folder = slash ? (int)(slash + 1 - path) : 0;
  if (strcmp(path + folder, "main_data.hdf5") != 0) return false;
  int n = snprintf(metadata, sizeof metadata, "%.*smetadata.json", folder, path);
  return n > 0 && (size_t)n < sizeof metadata && env_id_in(metadata, env_id, capacity);
}

/* ---- writing ---- */

static void add_json_text(cJSON *root, const char *key, cJSON *value) {
  char *text = cJSON_PrintUnformatted(value);
  if (text) cJSON_AddStringToObject(root, key, text);
  cJSON_free(text);
  cJSON_Delete(value);
}

/* Gymnasium's Box without bounds, which is what recorded values are; Python's JSON has Infinity. */
static cJSON *make_box(int size) {
  cJSON *box = cJSON_CreateObject(), *shape;
  cJSON_AddStringToObject(box, "type", "Box");
  cJSON_AddStringToObject(box, "dtype", "float64");
  shape = cJSON_AddArrayToObject(box, "shape");
  cJSON_AddItemToArray(shape, cJSON_CreateNumber(size));
  for (int end = 0; end < 2; end++) {
    cJSON *bound = cJSON_AddArrayToObject(box, end ? "high" : "low");
    for (int i = 0; i < size; i++)
      cJSON_AddItemToArray(bound, cJSON_CreateRaw(end ? "Infinity" : "-Infinity"));
  }
  return box;
}

static cJSON *make_discrete(int choices) {
  cJSON *discrete = cJSON_CreateObject();
  cJSON_AddStringToObject(discrete, "type", "Discrete");
  cJSON_AddStringToObject(discrete, "dtype", "int64");
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

char *mg_metadata_text(const mg_dataset_provenance *p, const char *dataset_id, int64_t episodes,
                       int64_t steps) {
  char description[512];
  snprintf(description, sizeof description,
           "Recorded by %s on %s, %s; policy checksum %016" PRIx64 ", seed %" PRIu64, p->program,
           p->simulator, p->policy, p->policy_checksum, p->seed);
  cJSON *root = cJSON_CreateObject();
  cJSON_AddNumberToObject(root, "total_episodes", (double)episodes);
  cJSON_AddNumberToObject(root, "total_steps", (double)steps);
  cJSON_AddStringToObject(root, "data_format", "hdf5");
  cJSON_AddFalseToObject(root, "jpeg_encoding");
  add_json_text(root, "observation_space", make_box(p->observation_size));
  add_json_text(root, "action_space",
                p->discrete ? make_discrete(p->action_size) : make_box(p->action_size));
  add_json_text(root, "env_spec", make_env_spec(p->env_id, p->env_kwargs));
  cJSON_AddStringToObject(root, "env_id", p->env_id);
  cJSON_AddStringToObject(root, "dataset_id", dataset_id);
  cJSON_AddStringToObject(root, "algorithm_name", p->policy);
  cJSON_AddStringToObject(root, "description", description);
  cJSON_AddStringToObject(root, "minari_version", "0.5.4");
  char *text = cJSON_Print(root);
  cJSON_Delete(root);
  return text;
}
