#include "demo_model.h"

#include <stdio.h>
#include <string.h>

const char *const demo_layout_names[DEMO_LAYOUTS] = {"minari", "d4rl", "gail", "robomimic"};

enum { OBSERVATION = 4 }; /* CartPole's */

demo_item *demo_model_add(demo_model *m, demo_kind kind, const char *path) {
  demo_item *item = &m->item[m->items < DEMO_ITEMS ? m->items++ : DEMO_ITEMS - 1];
  *item = (demo_item){.kind = kind, .at = -1, .chunk = 64};
  snprintf(item->path, sizeof item->path, "%s", path);
  return item;
}

demo_item *demo_model_find(demo_model *m, demo_role role) {
  for (int i = 0; i < m->items; i++)
    if (m->item[i].role == role) return &m->item[i];
  return NULL;
}

double demo_item_value(const demo_item *item, uint64_t i, uint64_t n) {
  uint64_t period = item->constant >= 1 && item->constant < 1e9 ? (uint64_t)item->constant : 1;
  if (item->at >= 0 && (uint64_t)item->at == i) return item->becomes;
  switch (item->values) {
  case DEMO_RAMP:
    break;
  case DEMO_CONSTANT:
    return item->constant;
  case DEMO_LAST:
    return i + 1 == n;
  case DEMO_TRAJECTORIES:
    return (i + 1) % period == 0;
  case DEMO_FIRSTS:
    return i % period == 0;
  case DEMO_STARTS:
    return (double)(i + 1) * item->constant;
  case DEMO_NEXT:
    i += OBSERVATION;
    break;
  }
  double scale = item->type == DEMO_F32 || item->type == DEMO_F64 ? 0.5 : 1;
  return scale * (double)(i % period);
}

/* [a], [a,b] or [a,b,c]: dimensions of 0 end the list. */
static demo_item *add_array(demo_model *m, demo_role role, const char *group, const char *name,
                            demo_type type, uint64_t a, uint64_t b, uint64_t c) {
  char path[DEMO_PATH];
  snprintf(path, sizeof path, "%s%s%s", group, *group ? "/" : "", name);
  demo_item *item = demo_model_add(m, DEMO_DATASET, path);
  item->role = role, item->type = type;
  item->dims[0] = a, item->dims[1] = b, item->dims[2] = c;
  item->rank = 1 + (b > 0) + (c > 0);
  item->values = DEMO_RAMP;
  item->constant = type == DEMO_I64 ? 2 : 8; /* choices 0 and 1; other values below 4 */
  return item;
}

static demo_item *add_constant(demo_model *m, demo_role role, const char *group, const char *name,
                               demo_type type, uint64_t a, uint64_t b, double value) {
  demo_item *item = add_array(m, role, group, name, type, a, b, 0);
  item->values = DEMO_CONSTANT, item->constant = value;
  return item;
}

static void add_whole(demo_model *m, demo_role role, const char *path, const char *name,
                      double value) {
  demo_item *item = demo_model_add(m, DEMO_ATTRIBUTE, path);
  snprintf(item->name, sizeof item->name, "%s", name);
  item->role = role, item->type = DEMO_I64, item->values = DEMO_CONSTANT, item->constant = value;
}

static void add_text(demo_model *m, const char *path, const char *name, const char *text) {
  demo_item *item = demo_model_add(m, DEMO_ATTRIBUTE, path);
  snprintf(item->name, sizeof item->name, "%s", name);
  snprintf(item->text, sizeof item->text, "%s", text);
  item->type = DEMO_TEXT;
}

static void make_minari(demo_model *m, int episodes, uint64_t steps) {
  add_whole(m, DEMO_OTHER, "/", "total_episodes", episodes);
  add_whole(m, DEMO_OTHER, "/", "total_steps", episodes * (double)steps);
  add_text(m, "/", "env_id", "CartPole-v1");
  for (int k = 0; k < episodes; k++) {
    char group[32];
    snprintf(group, sizeof group, "episode_%d", k);
    demo_model_add(m, DEMO_GROUP, group)->role = DEMO_EPISODE;
    add_whole(m, DEMO_OTHER, group, "id", k);
    add_whole(m, DEMO_COUNT, group, "total_steps", (double)steps);
    add_array(m, DEMO_OBSERVATIONS, group, "observations", DEMO_F32, steps + 1, OBSERVATION, 0);
    add_array(m, DEMO_ACTIONS, group, "actions", DEMO_I64, steps, 0, 0);
    add_constant(m, DEMO_REWARDS, group, "rewards", DEMO_F64, steps, 0, 1);
    add_array(m, DEMO_ENDS, group, "terminations", DEMO_BOOL, steps, 0, 0)->values = DEMO_LAST;
    add_constant(m, DEMO_OTHER, group, "truncations", DEMO_BOOL, steps, 0, 0);
    add_array(m, DEMO_OTHER, group, "infos/qpos", DEMO_F64, steps + 1, 2, 0);
  }
}

static void make_d4rl(demo_model *m, int episodes, uint64_t steps) {
  uint64_t rows = (uint64_t)episodes * steps;
  add_text(m, "/", "env_id", "CartPole-v1");
  add_array(m, DEMO_OBSERVATIONS, "", "observations", DEMO_F32, rows, OBSERVATION, 0);
  add_array(m, DEMO_ACTIONS, "", "actions", DEMO_I64, rows, 0, 0);
  add_constant(m, DEMO_REWARDS, "", "rewards", DEMO_F32, rows, 0, 1);
  demo_item *ends = add_array(m, DEMO_ENDS, "", "terminals", DEMO_BOOL, rows, 0, 0);
  ends->values = DEMO_TRAJECTORIES, ends->constant = (double)steps;
  add_constant(m, DEMO_OTHER, "", "timeouts", DEMO_BOOL, rows, 0, 0);
  add_array(m, DEMO_OTHER, "", "next_observations", DEMO_F32, rows, OBSERVATION, 0)->values =
      DEMO_NEXT;
  add_array(m, DEMO_OTHER, "", "infos/qpos", DEMO_F64, rows, 2, 0);
  add_array(m, DEMO_OTHER, "", "metadata/policy", DEMO_F32, 3, 2, 0);
}

static void make_gail(demo_model *m, int episodes, uint64_t steps) {
  uint64_t b = (uint64_t)episodes;
  add_text(m, "/", "env_id", "CartPole-v1");
  add_array(m, DEMO_OBSERVATIONS, "", "obs_B_T_Do", DEMO_F32, b, steps, OBSERVATION);
  add_array(m, DEMO_ACTIONS, "", "a_B_T_Da", DEMO_I64, b, steps, 1);
  add_constant(m, DEMO_REWARDS, "", "r_B_T", DEMO_F32, b, steps, 1);
  add_constant(m, DEMO_LENGTHS, "", "len_B", DEMO_I32, b, 0, (double)steps);
  demo_model_add(m, DEMO_GROUP, "metadata/minari/episode_0");
  add_whole(m, DEMO_OTHER, "metadata/minari/episode_0", "seed", 7);
  add_array(m, DEMO_OTHER, "metadata/minari/episode_0", "whole/infos/qpos", DEMO_F64, steps + 1, 2,
            0);
  add_array(m, DEMO_OTHER, "metadata/minari", "final_obs_B_Do", DEMO_F32, b, OBSERVATION, 0);
}

static void add_keys(demo_model *m, const char *demo, const char *folder, demo_role role,
                     uint64_t steps) {
  char group[64];
  snprintf(group, sizeof group, "%s/%s", demo, folder);
  add_array(m, role, group, "position", DEMO_F32, steps, OBSERVATION - 1, 0);
  add_array(m, DEMO_OTHER, group, "velocity", DEMO_F64, steps, 0, 0);
}

static void make_robomimic(demo_model *m, int episodes, uint64_t steps) {
  demo_model_add(m, DEMO_GROUP, "data");
  add_whole(m, DEMO_OTHER, "data", "total", episodes * (double)steps);
  add_text(m, "data", "env_args", "{\"env_name\": \"CartPole-v1\", \"env_kwargs\": {}}");
  for (int k = 0; k < episodes; k++) {
    char group[32];
    snprintf(group, sizeof group, "data/demo_%d", k);
    demo_model_add(m, DEMO_GROUP, group)->role = DEMO_EPISODE;
    add_whole(m, DEMO_COUNT, group, "num_samples", (double)steps);
    add_keys(m, group, "obs", DEMO_OBSERVATIONS, steps);
    add_keys(m, group, "next_obs", DEMO_OTHER, steps);
    add_array(m, DEMO_ACTIONS, group, "actions", DEMO_I64, steps, 0, 0);
    add_constant(m, DEMO_REWARDS, group, "rewards", DEMO_F64, steps, 0, 1);
    add_array(m, DEMO_ENDS, group, "dones", DEMO_I64, steps, 0, 0)->values = DEMO_LAST;
  }
}

void demo_model_make(demo_layout layout, int episodes, uint64_t steps, demo_model *m) {
  static void (*const make[DEMO_LAYOUTS])(demo_model *, int, uint64_t) = {
      make_minari, make_d4rl, make_gail, make_robomimic};
  memset(m, 0, sizeof *m);
  m->most_written = 1 << 16;
  make[layout](m, episodes, steps);
}
