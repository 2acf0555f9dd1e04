#include "envs/mujoco/mujoco_model.h"

#include "base/installed.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MODELS = 16, MAX_PATH = 4096 };

/* What is compiled at present. File scope, because env.h creates environments by id alone. */
static struct {
  char name[64];
  mjModel *model; /* NULL: free slot */
  int users;
} cache[MAX_MODELS];
/* Ranks may be threads of one process, as in tests; environments are made rarely. */
static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;

static mg_status find(const char *name, char path[MAX_PATH]) {
  const char *folder = getenv("MGAIL_ASSETS");
  if (folder && *folder) {
    if (snprintf(path, MAX_PATH, "%s/%s", folder, name) < MAX_PATH && mg_is_file(path))
      return MG_OK;
    return mg_fail(MG_ERR_NO_INPUT, "model %s not found in MGAIL_ASSETS=%s; expected %s/%s", name,
                   folder, folder, name);
  }
  char installed[MAX_PATH] = "(unknown program folder)", file[80];
  snprintf(file, sizeof file, "assets/%s", name);
  if (mg_installed_path(file, sizeof installed, installed) && mg_is_file(installed)) {
    memcpy(path, installed, MAX_PATH);
    return MG_OK;
  }
  snprintf(path, MAX_PATH, "%s/%s", MGAIL_ASSET_SOURCE_DIR, name);
  if (mg_is_file(path)) return MG_OK;
  return mg_fail(
      MG_ERR_NO_INPUT,
      "model %s not found; tried %s and %s; set MGAIL_ASSETS to the folder that holds it", name,
      installed, path);
}

static mg_status acquire(const char *name, const mjModel **model) {
  int slot = -1;
  for (int i = 0; i < MAX_MODELS; i++) {
    if (!cache[i].model) {
      if (slot < 0) slot = i;
    } else if (strcmp(cache[i].name, name) == 0) {
      cache[i].users++;
      *model = cache[i].model;
      return MG_OK;
    }
  }
  if (slot < 0) return mg_fail(MG_ERR_INTERNAL, "model %s: more than %d models", name, MAX_MODELS);

  char path[MAX_PATH], complaint[512] = "";
  MG_TRY(find(name, path));
  mjModel *compiled = mj_loadXML(path, NULL, complaint, sizeof complaint);
  if (!compiled)
    return mg_fail(MG_ERR_NO_INPUT, "model %s does not compile under MuJoCo %s: %s", path,
                   mj_versionString(), complaint);
  cache[slot].model = compiled;
  cache[slot].users = 1;
  snprintf(cache[slot].name, sizeof cache[slot].name, "%s", name);
  *model = compiled;
  return MG_OK;
}

mg_status mg_mujoco_model_acquire(const char *name, const mjModel **model) {
  pthread_mutex_lock(&cache_lock);
  mg_status status = acquire(name, model);
  pthread_mutex_unlock(&cache_lock);
  return status;
}

void mg_mujoco_model_release(const mjModel *model) {
  if (!model) return;
  pthread_mutex_lock(&cache_lock);
  for (int i = 0; i < MAX_MODELS; i++) {
    if (cache[i].model != model || --cache[i].users > 0) continue;
    mj_deleteModel(cache[i].model);
    cache[i].model = NULL;
  }
  pthread_mutex_unlock(&cache_lock);
}
