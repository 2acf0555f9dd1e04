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

/* Each argument on and off. */
enum { SETTINGS = 2 * sizeof SWITCHES / sizeof *SWITCHES };

static const char *value_of(size_t setting) {
  return setting % 2 ? "off" : "on";
}

static void apply(size_t setting, mg_env_options *options) {
  snprintf((char *)options + SWITCHES[setting / 2].offset, MG_ENV_OPTION_MAX, "%s",
           value_of(setting));
}

static bool advise_arguments(const mg_demonstrated *d, int size, char *text, size_t capacity) {
  const mg_env_options now = d->options ? *d->options : (mg_env_options){0};
  mg_env_options changed;
  for (size_t i = 0; i < SETTINGS; i++) {
    changed = now;
    apply(i, &changed);
    if (size_with(d->task.env_id, &changed) != size) continue;
    snprintf(text, capacity, "with env.%s = %s it has %d", SWITCHES[i / 2].name, value_of(i), size);
    return true;
  }
  for (size_t i = 0; i < SETTINGS; i++)
    for (size_t k = 0; k < i; k++) {
      changed = now;
      apply(i, &changed), apply(k, &changed);
      if (i / 2 == k / 2 || size_with(d->task.env_id, &changed) != size) continue;
      snprintf(text, capacity, "with env.%s = %s and env.%s = %s it has %d", SWITCHES[k / 2].name,
               value_of(k), SWITCHES[i / 2].name, value_of(i), size);
      return true;
    }
  return false;
}

static bool advise_version(const mg_demonstrated *d, int size, char *text, size_t capacity) {
  for (const char *const *id = mg_env_ids(); *id; id++) {
    if (!mg_same_task(*id, d->task.env_id) || size_with(*id, NULL) != size) continue;
    snprintf(text, capacity, "%s has %d", *id, size);
    return true;
  }
  return false;
}

static bool advise(const void *user, int size, char *text, size_t capacity) {
  return advise_version(user, size, text, capacity) || advise_arguments(user, size, text, capacity);
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
