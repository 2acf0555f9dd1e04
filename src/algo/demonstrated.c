#include "algo/demonstrated.h"

#include <stdio.h>
#include <string.h>

/* An argument that is on or off: its name and where it stands in mg_env_options. */
typedef struct argument {
  const char *name;
  size_t offset;
} argument;

static const argument SWITCHES[] = {
#define IF_NUMBER(name)
#define IF_COUNT(name)
#define IF_INDEX(name)
#define IF_RANGE(name)
#define IF_SWITCH(name)       {#name, offsetof(mg_env_options, name)},
#define ROW(kind, name, help) IF_##kind(name)
    MG_ENV_ARGUMENT_LIST(ROW)
#undef ROW
};

/* 0 where the task does not have these arguments. */
static int size_with(const char *id, const mg_env_options *options) {
  mg_env *env;
  if (mg_env_create_with(id, options, &env) != MG_OK) return 0;
  const int size = mg_env_get_spec(env)->observation_size;
  mg_env_destroy(env);
  return size;
}

static bool advise(const void *user, int observation_size, char *text, size_t capacity) {
  static const char *const values[] = {"on", "off"};
  const mg_demonstrated *d = user;
  for (size_t i = 0; i < sizeof SWITCHES / sizeof *SWITCHES; i++) {
    for (int value = 0; value < 2; value++) {
      mg_env_options changed = d->options ? *d->options : (mg_env_options){0};
      snprintf((char *)&changed + SWITCHES[i].offset, MG_ENV_OPTION_MAX, "%s", values[value]);
      if (size_with(d->task.env_id, &changed) != observation_size) continue;
      snprintf(text, capacity, "env.%s = %s", SWITCHES[i].name, values[value]);
      return true;
    }
  }
  return false;
}

void mg_demonstrated_make(const mg_env_spec *spec, const mg_env_options *options,
                          mg_demonstrated *d) {
  d->options = options;
  d->task = (mg_dataset_task){.env_id = spec->id,
                              .observation_size = spec->observation_size,
                              .action_size = spec->action_size,
                              .discrete = spec->discrete,
                              .max_steps = spec->max_episode_steps,
                              .action_low = spec->action_low,
                              .action_high = spec->action_high,
                              .advise = advise,
                              .user = d};
}

/* Arguments that the file tells count if the task has them. */
static mg_status create(mg_demonstrated_file *f, const char *id, const char *kwargs) {
  if (*kwargs && mg_env_options_from_json(kwargs, &f->options) == MG_OK &&
      mg_env_create_with(id, &f->options, &f->env) == MG_OK)
    return MG_OK;
  f->options = (mg_env_options){0};
  return mg_env_create(id, &f->env);
}

mg_status mg_demonstrated_open(const char *path, const char *given, mg_demonstrated_file *f) {
  mg_named_task named;
  *f = (mg_demonstrated_file){.env = NULL};
  MG_TRY(mg_dataset_named_task(path, &named));
  const char *id = given ? given : named.env_id;
  snprintf(f->env_id, sizeof f->env_id, "%s", *named.env_id ? named.env_id : id);
  if (!*id) return MG_OK;
  const mg_status status = create(f, id, named.kwargs);
  if (status != MG_OK) {
    f->env = NULL;
    return given ? status : MG_OK;
  }
  mg_demonstrated_make(mg_env_get_spec(f->env), &f->options, &f->expected);
  return MG_OK;
}

void mg_demonstrated_close(mg_demonstrated_file *f) {
  mg_env_destroy(f->env);
  f->env = NULL;
}
