/* Writes a file of demonstrations with one thing wrong, for tests of the program.
 *
 *   bad_data LAYOUT FAULT FILE [TARGET]    TARGET: what links and external data lead to
 *   bad_data LAYOUT                        lists the faults */
#include "demo_model.h"
#include "demo_zip.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EPISODES = 3, STEPS = 12, MANY = 100000 };

typedef struct model_fault {
  const char *name;
  void (*make)(demo_model *model, demo_layout layout, const char *target);
} model_fault;

/* ---- HDF5 ---- */

static demo_item *find(demo_model *m, demo_role role) {
  demo_item *item = demo_model_find(m, role);
  if (!item) exit(2);
  return item;
}

static void good(demo_model *m, demo_layout l, const char *t) {
  (void)m, (void)l, (void)t;
}
static void high_rank(demo_model *m, demo_layout l, const char *t) {
  (void)l, (void)t;
  demo_item *o = find(m, DEMO_OBSERVATIONS);
  o->rank = 5;
  for (int i = 0; i < 5; i++) o->dims[i] = 2;
}
static void low_rank(demo_model *m, demo_layout l, const char *t) {
  (void)l, (void)t;
  demo_item *a = find(m, l == DEMO_ROBOMIMIC ? DEMO_ACTIONS : DEMO_OBSERVATIONS);
  a->rank = 0;
}
static void text(demo_model *m, demo_layout l, const char *t) {
  (void)l, (void)t;
  find(m, DEMO_OBSERVATIONS)->type = DEMO_FIXED_TEXT;
}
static void compound(demo_model *m, demo_layout l, const char *t) {
  (void)l, (void)t;
  find(m, DEMO_ACTIONS)->type = DEMO_COMPOUND;
}
static void not_a_number(demo_model *m, demo_layout l, const char *t) {
  (void)l, (void)t;
  demo_item *o = find(m, DEMO_OBSERVATIONS);
  o->at = 7, o->becomes = NAN;
}
static void infinite(demo_model *m, demo_layout l, const char *t) {
  (void)l, (void)t;
  demo_item *r = find(m, DEMO_REWARDS);
  r->at = 3, r->becomes = -INFINITY;
}
/* The first episode has no steps; where rows are all there is, there is none. */
static void zero_length(demo_model *m, demo_layout l, const char *t) {
  (void)t;
  static const char *const folder[] = {"episode_0/", "", "/", "data/demo_0/"};
  if (l == DEMO_GAIL) {
    find(m, DEMO_LENGTHS)->at = 0;
    return;
  }
  for (int i = 0; i < m->items; i++) {
    demo_item *item = &m->item[i];
    if (item->kind == DEMO_DATASET && strncmp(item->path, folder[l], strlen(folder[l])) == 0)
      item->dims[0] = l == DEMO_MINARI && item->role == DEMO_OBSERVATIONS ? 1 : 0;
  }
  if (l != DEMO_D4RL) find(m, DEMO_COUNT)->constant = 0;
}
static void no_observations(demo_model *m, demo_layout l, const char *t) {
  (void)t;
  find(m, DEMO_OBSERVATIONS)->kind = DEMO_ABSENT;
  for (int i = 0; l == DEMO_ROBOMIMIC && i < m->items; i++) /* all keys of the first episode */
    if (strncmp(m->item[i].path, "data/demo_0/obs/", 16) == 0) m->item[i].kind = DEMO_ABSENT;
}
static void no_actions(demo_model *m, demo_layout l, const char *t) {
  (void)l, (void)t;
  find(m, DEMO_ACTIONS)->kind = DEMO_ABSENT;
}
/* A dataset stands where a group should, or a group where a dataset should. */
static void no_group(demo_model *m, demo_layout l, const char *t) {
  (void)t;
  bool groups = l == DEMO_MINARI || l == DEMO_ROBOMIMIC;
  find(m, groups ? DEMO_EPISODE : DEMO_ACTIONS)->kind = groups ? DEMO_DATASET : DEMO_GROUP;
}
static void claims(demo_model *m, demo_layout l, const char *t) {
  (void)t;
  demo_item *o =
      find(m, DEMO_OBSERVATIONS); /* 2^60 elements or so; more crashes the library here */
  o->dims[0] = UINT64_C(1) << (l == DEMO_GAIL ? 54 : 58), o->storage = DEMO_SPARSE;
}
/* All of them agree on it. */
static void claims_all(demo_model *m, demo_layout l, const char *t) {
  (void)t;
  for (int i = 0; i < m->items; i++) {
    demo_item *item = &m->item[i];
    if (item->kind != DEMO_DATASET || strstr(item->path, "metadata") || strstr(item->path, "_1/") ||
        strstr(item->path, "_2/"))
      continue;
    bool more = l == DEMO_MINARI && item->dims[0] == STEPS + 1;
    item->dims[0] = (UINT64_C(1) << (l == DEMO_GAIL ? 31 : 40)) - 1 + more;
    item->storage = DEMO_SPARSE;
  }
}
static void external_link(demo_model *m, demo_layout l, const char *t) {
  (void)l;
  demo_item *o = find(m, DEMO_OBSERVATIONS);
  o->kind = DEMO_EXTERNAL;
  snprintf(o->text, sizeof o->text, "%s", t);
  snprintf(o->target, sizeof o->target, "observations");
}
static void external_rewards(demo_model *m, demo_layout l, const char *t) {
  external_link(m, l, t);
  demo_item kept = *find(m, DEMO_OBSERVATIONS), *r = find(m, DEMO_REWARDS);
  demo_model_make(l, EPISODES, STEPS, m);
  r->kind = DEMO_EXTERNAL;
  memcpy(r->text, kept.text, sizeof r->text);
  memcpy(r->target, kept.target, sizeof r->target);
}
static void external_data(demo_model *m, demo_layout l, const char *t) {
  (void)l;
  demo_item *o = find(m, DEMO_OBSERVATIONS);
  o->storage = DEMO_EXTERNAL_DATA;
  snprintf(o->text, sizeof o->text, "%s", t);
}
static void virtual_data(demo_model *m, demo_layout l, const char *t) {
  external_data(m, l, t);
  demo_item *o = find(m, DEMO_OBSERVATIONS);
  o->storage = DEMO_VIRTUAL;
  snprintf(o->target, sizeof o->target, "observations");
}
static void filter(demo_model *m, demo_layout l, const char *t) {
  (void)l, (void)t;
  demo_item *o = find(m, DEMO_OBSERVATIONS);
  o->filters = DEMO_FOREIGN, o->storage = DEMO_CHUNKED;
}
static void soft_cycle(demo_model *m, demo_layout l, const char *t) {
  (void)l, (void)t;
  demo_item *o = find(m, DEMO_OBSERVATIONS);
  o->kind = DEMO_SOFT;
  snprintf(o->target, sizeof o->target, "/%.100s", o->path);
}
/* A group that holds itself many times over: without an end, and wide. */
static void hard_cycle(demo_model *m, demo_layout l, const char *t) {
  (void)l, (void)t;
  demo_model_add(m, DEMO_GROUP, "again");
  for (int i = 0; i < 40; i++) {
    char path[32];
    snprintf(path, sizeof path, "again/%d", i);
    snprintf(demo_model_add(m, DEMO_HARD, path)->target, DEMO_PATH, "/again");
  }
}
static void many(demo_model *m, demo_layout l, const char *t) {
  (void)t;
  int episodes = l == DEMO_D4RL || l == DEMO_GAIL ? MANY : 1;
  demo_model_make(l, l == DEMO_MINARI || l == DEMO_ROBOMIMIC ? 1 : episodes, 2, m);
  m->most_written = UINT64_MAX;
  m->copies = MANY - 1; /* of those that have groups */
  if (l == DEMO_MINARI) m->item[0].kind = m->item[1].kind = DEMO_ABSENT; /* totals */
  if (l == DEMO_ROBOMIMIC) m->item[1].kind = DEMO_ABSENT;
}

static const model_fault MODEL_FAULTS[] = {
    {"good", good},
    {"high_rank", high_rank},
    {"low_rank", low_rank},
    {"text", text},
    {"compound", compound},
    {"not_a_number", not_a_number},
    {"infinite", infinite},
    {"zero_length", zero_length},
    {"no_observations", no_observations},
    {"no_actions", no_actions},
    {"no_group", no_group},
    {"claims", claims},
    {"claims_all", claims_all},
    {"external_link", external_link},
    {"external_rewards", external_rewards},
    {"external_data", external_data},
    {"virtual_data", virtual_data},
    {"filter", filter},
    {"soft_cycle", soft_cycle},
    {"hard_cycle", hard_cycle},
    {"many", many},
    {0},
};

/* ---- NumPy archives ---- */

typedef struct archive_fault {
  const char *name;
  void (*make)(demo_archive *archive, bool sb2);
} archive_fault;

static demo_member *member(demo_archive *a, const char *name) {
  demo_member *m = demo_archive_find(a, name);
  if (!m) exit(2);
  return m;
}

static void good_archive(demo_archive *a, bool sb2) {
  (void)a, (void)sb2;
}
static void pickled(demo_archive *a, bool sb2) {
  (void)sb2;
  member(a, "obs")->pickle = true;
}
static void wrong_shape(demo_archive *a, bool sb2) {
  (void)sb2;
  snprintf(member(a, "obs")->shape, 64, "1000, 4");
}
static void shape_beyond(demo_archive *a, bool sb2) {
  (void)sb2;
  snprintf(member(a, "obs")->shape, 64, "1152921504606846976, 4");
}
static void claimed_size(demo_archive *a, bool sb2) {
  (void)sb2;
  member(a, "obs")->claimed = UINT32_MAX - 1;
}
static void archive_rank(demo_archive *a, bool sb2) {
  (void)sb2;
  demo_item *o = &member(a, "obs")->array;
  o->rank = 4, o->dims[1] = o->dims[2] = 2, o->dims[3] = 1;
}
static void archive_text(demo_archive *a, bool sb2) {
  (void)sb2;
  snprintf(member(a, "obs")->descr, 48, "<U8");
}
static void archive_fields(demo_archive *a, bool sb2) {
  (void)sb2;
  snprintf(member(a, "obs")->descr, 48, "[('a', '<f8')]");
}
static void fortran(demo_archive *a, bool sb2) {
  (void)sb2;
  snprintf(member(a, "obs")->order, 16, "True");
}
static void archive_nan(demo_archive *a, bool sb2) {
  (void)sb2;
  demo_item *o = &member(a, "obs")->array;
  o->at = 7, o->becomes = NAN;
}
static void archive_infinite(demo_archive *a, bool sb2) {
  demo_item *r = &member(a, sb2 ? "rewards" : "rews")->array;
  r->at = 3, r->becomes = -INFINITY;
}
static void no_member(demo_archive *a, bool sb2) {
  snprintf(member(a, sb2 ? "actions" : "acts")->name, 64, "other.npy");
}
static void no_rows(demo_archive *a, bool sb2) {
  (void)sb2;
  for (int i = 0; i < a->members; i++) a->member[i].array.dims[0] = 0;
}
static void archive_zero_length(demo_archive *a, bool sb2) {
  if (sb2)
    no_rows(a, sb2);
  else
    member(a, "indices")->array.at = 1, member(a, "indices")->array.becomes = STEPS; /* twice */
}
static void checksum(demo_archive *a, bool sb2) {
  (void)sb2;
  member(a, "obs")->wrong_checksum = true;
}
static void encrypted(demo_archive *a, bool sb2) {
  (void)sb2;
  member(a, "obs")->flags = 1;
}
static void method(demo_archive *a, bool sb2) {
  (void)sb2;
  member(a, "obs")->method = 90;
}
static void twice(demo_archive *a, bool sb2) {
  memcpy(member(a, sb2 ? "rewards" : "rews")->name, "obs.npy", sizeof "obs.npy");
}
/* 3 GiB from 3 MB. */
static void bomb(demo_archive *a, bool sb2) {
  (void)sb2;
  demo_member *o = member(a, "obs");
  o->zeros = 3072, o->array.type = DEMO_F16;
  o->array.dims[0] = (UINT64_C(3072) << 20) / 8;
}
/* More than its header says. */
static void hidden_bomb(demo_archive *a, bool sb2) {
  bomb(a, sb2);
  demo_member *o = member(a, "obs");
  o->claimed = 128, o->array.dims[0] = 8;
}
/* All members agree on it. */
static void whole_bomb(demo_archive *a, bool sb2) {
  (void)sb2;
  for (int i = 0; i < a->members; i++) {
    demo_member *m = &a->member[i];
    bool wide = strcmp(m->name, "obs.npy") == 0;
    if (m->pickle) continue;
    m->zeros = wide ? 3072 : 384, m->array.type = wide ? DEMO_F16 : DEMO_BOOL;
    m->array.dims[0] = UINT64_C(384) << 20;
  }
}
static void archive_many(demo_archive *a, bool sb2) {
  if (sb2)
    demo_archive_sb2(MANY, 2, a);
  else
    demo_archive_imitation(MANY, 2, a);
  a->most_written = UINT64_MAX;
}

static const archive_fault ARCHIVE_FAULTS[] = {
    {"good", good_archive},
    {"pickled", pickled},
    {"wrong_shape", wrong_shape},
    {"shape_beyond", shape_beyond},
    {"claimed_size", claimed_size},
    {"high_rank", archive_rank},
    {"text", archive_text},
    {"fields", archive_fields},
    {"fortran", fortran},
    {"not_a_number", archive_nan},
    {"infinite", archive_infinite},
    {"no_member", no_member},
    {"zero_length", archive_zero_length},
    {"checksum", checksum},
    {"encrypted", encrypted},
    {"method", method},
    {"twice", twice},
    {"bomb", bomb},
    {"hidden_bomb", hidden_bomb},
    {"whole_bomb", whole_bomb},
    {"many", archive_many},
    {0},
};

/* ---- the program ---- */

static int save(const char *path, void *bytes, size_t size) {
  FILE *file = bytes ? fopen(path, "wb") : NULL;
  bool ok = file && fwrite(bytes, 1, size, file) == size;
  if (file && fclose(file) != 0) ok = false;
  free(bytes);
  if (!ok) fprintf(stderr, "bad_data: %s cannot be written\n", path);
  return ok ? 0 : 1;
}

static int write_model(demo_layout layout, const char *name, const char *path, const char *target) {
  for (const model_fault *f = MODEL_FAULTS; f->name; f++) {
    if (!name) puts(f->name);
    if (!name || strcmp(f->name, name) != 0) continue;
    demo_model *m = malloc(sizeof *m);
    size_t size = 0;
    if (!m) return 1;
    demo_model_make(layout, EPISODES, STEPS, m);
    f->make(m, layout, target);
    void *bytes = demo_model_write(m, &size);
    free(m);
    return save(path, bytes, size);
  }
  return name ? 2 : 0;
}

static int write_archive(bool sb2, const char *name, const char *path) {
  for (const archive_fault *f = ARCHIVE_FAULTS; f->name; f++) {
    if (!name) puts(f->name);
    if (!name || strcmp(f->name, name) != 0) continue;
    demo_archive a;
    size_t size = 0;
    if (sb2)
      demo_archive_sb2(EPISODES, STEPS, &a);
    else
      demo_archive_imitation(EPISODES, STEPS, &a);
    f->make(&a, sb2);
    void *bytes = demo_archive_write(&a, &size);
    return save(path, bytes, size);
  }
  return name ? 2 : 0;
}

int main(int argc, char **argv) {
  const char *layout = argc > 1 ? argv[1] : "", *fault = argc > 3 ? argv[2] : NULL;
  const char *path = argc > 3 ? argv[3] : NULL, *target = argc > 4 ? argv[4] : "target";
  if (argc == 2 || argc == 4 || argc == 5) {
    for (int l = 0; l < DEMO_LAYOUTS; l++)
      if (strcmp(demo_layout_names[l], layout) == 0)
        return write_model((demo_layout)l, fault, path, target);
    bool sb2 = strcmp(layout, "sb2") == 0;
    if (sb2 || strcmp(layout, "imitation") == 0) return write_archive(sb2, fault, path);
  }
  fprintf(stderr, "usage: bad_data LAYOUT [FAULT FILE [TARGET]]\n");
  return 64;
}
