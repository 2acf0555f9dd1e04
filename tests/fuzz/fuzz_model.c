/* What bytes do to a model: one change after the other. */
#include "fuzz_target.h"

#include <stdio.h>
#include <string.h>

enum { MOST_CHANGES = 24 };

static const char *const NAMES[] = {"id",
                                    "total_steps",
                                    "num_samples",
                                    "total_episodes",
                                    "total_reward",
                                    "env_id",
                                    "env_spec",
                                    "env_args",
                                    "final_observations_repeated",
                                    "rewards_absent",
                                    "truncated",
                                    "seed",
                                    NULL};

static const char *const TEXTS[] = {"CartPole-v1",
                                    "",
                                    "{}",
                                    "{\"id\": \"CartPole-v1\"}",
                                    "{\"env_name\": \"Hopper-v4\"}",
                                    "{\"env_name\": 3}",
                                    "[[[[[[",
                                    "/no-such-folder/other.h5",
                                    "infos/qpos",
                                    NULL};

static const char *const PATHS[] = {"/",
                                    "episode_0",
                                    "episode_1",
                                    "episode_00",
                                    "episode_7",
                                    "episode_0/observations",
                                    "episode_999999999999999999",
                                    "data",
                                    "data/demo_0",
                                    "data/demo_5",
                                    "data/demo_0/obs",
                                    "data/demo_0/obs/a",
                                    "data/demo_0/next_obs/a",
                                    "observations",
                                    "actions",
                                    "obs_B_T_Do",
                                    "a_B_T_Da",
                                    "metadata",
                                    "metadata/minari",
                                    "metadata/minari/metadata.json",
                                    "metadata/minari/terminated_B",
                                    "metadata/minari/truncated_B",
                                    "metadata/minari/final_obs_B_Do",
                                    "metadata/minari/episode_0",
                                    "metadata/minari/episode_0/absent",
                                    "metadata/minari/episode_0/final/infos/qpos",
                                    "metadata/minari/episode_0/whole/infos",
                                    "infos",
                                    "infos/a",
                                    "infos/a/b/c/d/e/f/g/h/i/j",
                                    "loop",
                                    "loop/loop",
                                    NULL};

/* Cycles would be as deep as the readers let them: a wide one is a matter of time alone. */
static void change_link(fuzz_source *s, demo_item *item) {
  item->kind = (demo_kind)fuzz_below(s, DEMO_KINDS);
  fuzz_text(s, PATHS, item->target, sizeof item->target);
  fuzz_text(s, TEXTS, item->text, sizeof item->text);
}

static void change_shape(fuzz_source *s, demo_item *item) {
  unsigned which = fuzz_below(s, 12);
  if (which < 4)
    item->dims[which] = fuzz_size(s);
  else if (which < 10)
    item->rank = (int)which - 5; /* -1 to 4 */
  else
    for (int i = 0; i < DEMO_RANK; i++) item->dims[i] = fuzz_size(s);
}

static void change_storage(fuzz_source *s, demo_item *item) {
  item->storage = (demo_storage)fuzz_below(s, DEMO_STORAGES);
  item->chunk = fuzz_size(s);
  item->filters = fuzz_byte(s) & 63;
  fuzz_text(s, TEXTS, item->text, sizeof item->text);
  fuzz_text(s, PATHS, item->target, sizeof item->target);
}

static void change_values(fuzz_source *s, demo_item *item) {
  unsigned how = fuzz_byte(s);
  if (how % 2) {
    item->at = (int64_t)fuzz_size(s), item->becomes = fuzz_number(s);
    return;
  }
  item->values = (demo_values)(how / 2 % 6);
  item->constant = fuzz_number(s);
}

static void change_path(fuzz_source *s, demo_item *item) {
  char *dash = strrchr(item->path, '/');
  size_t stem = dash ? (size_t)(dash + 1 - item->path) : 0;
  switch (fuzz_below(s, 3)) {
  case 0:
    fuzz_text(s, PATHS, item->path, sizeof item->path);
    break;
  case 1:
    fuzz_text(s, NAMES, item->path + stem, sizeof item->path - stem);
    break;
  default:
    fuzz_text(s, NAMES, item->name, sizeof item->name);
  }
}

static void add_item(fuzz_source *s, demo_model *m) {
  char path[DEMO_PATH];
  fuzz_text(s, PATHS, path, sizeof path);
  demo_item *item = demo_model_add(m, (demo_kind)fuzz_below(s, DEMO_KINDS), path);
  item->type = (demo_type)fuzz_below(s, DEMO_TYPES);
  item->rank = (int)fuzz_below(s, 5) - 1;
  for (int i = 0; i < item->rank; i++) item->dims[i] = fuzz_size(s);
  item->constant = 2;
  fuzz_text(s, NAMES, item->name, sizeof item->name);
  fuzz_text(s, PATHS, item->target, sizeof item->target);
  fuzz_text(s, TEXTS, item->text, sizeof item->text);
}

static void change(fuzz_source *s, demo_model *m) {
  unsigned how = fuzz_below(s, 16);
  demo_item *item = &m->item[fuzz_below(s, (unsigned)m->items)];
  switch (how) {
  case 0:
    change_link(s, item);
    break;
  case 1:
    add_item(s, m);
    break;
  case 2:
    change_path(s, item);
    break;
  case 3: { /* a second one of it under another name */
    demo_item copy = *item, *twin = demo_model_add(m, copy.kind, "");
    *twin = copy;
    change_path(s, twin);
    break;
  }
  case 4:
    m->copies = (int)fuzz_below(s, 16);
    break;
  case 5:
  case 6:
    item->type = (demo_type)fuzz_below(s, DEMO_TYPES);
    break;
  case 7:
  case 8:
  case 9:
    change_shape(s, item);
    break;
  case 10:
  case 11:
    change_storage(s, item);
    break;
  case 12: { /* of all: they may agree */
    uint64_t old = item->dims[0], new = fuzz_size(s);
    for (int i = 0; i < m->items; i++)
      if (m->item[i].dims[0] == old) m->item[i].dims[0] = new;
    break;
  }
  case 13:
    for (int i = 0; i < m->items; i++)
      if (m->item[i].kind == DEMO_DATASET) m->item[i].storage = DEMO_SPARSE;
    break;
  default:
    change_values(s, item);
  }
}

void fuzz_change_model(fuzz_source *s, demo_model *m) {
  for (int i = 0; i < MOST_CHANGES && s->left > 0; i++) change(s, m);
}
