/* Which demonstrations are used, what is held out of training, the task's box, and what a recorded
 * file tells about itself. */
#include "demos/dataset.h"
#include "demos/pairs.h"
#include "demos/recording/origin.h"
#include "demos/recording/writer.h"

#include "support/h5_craft.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void setup(void) {
  scratch_make();
}

TestSuite(dataset_use, .init = setup, .fini = scratch_remove);

/* ---- the minimum return ---- */

/* Returns by id: 8, -20, 12, -5, 30; lengths 4, 10, 6, 5, 3. */
static const char *craft_five(void) {
  static const hsize_t steps[] = {4, 10, 6, 5, 3};
  static const double reward[] = {2, -2, 2, -1, 10};
  const char *path = scratch_path("five.h5");
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  for (int k = 0; k < 5; k++) craft_episode(file, k, k, steps[k], reward[k]);
  H5Fclose(file);
  return path;
}

static void assert_chosen(mg_dataset_options options, int n, const int64_t *ids) {
  mg_arena *arena = mg_arena_create();
  mg_dataset d;
  cr_assert(mg_dataset_read(craft_five(), &options, arena, &d) == MG_OK, "%s", mg_status_message());
  cr_assert(d.trajectories == n && d.available == 5, "%d of %ld", d.trajectories,
            (long)d.available);
  for (int k = 0; k < n; k++)
    cr_assert(d.trajectory[k].id == ids[k], "%d: id %ld", k, (long)d.trajectory[k].id);
  mg_arena_destroy(arena);
}

static void assert_refused(mg_dataset_options options, const char *text) {
  mg_arena *arena = mg_arena_create();
  mg_dataset d;
  cr_assert(mg_dataset_read(craft_five(), &options, arena, &d) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), text), "%s", mg_status_message());
  mg_arena_destroy(arena);
}

Test(dataset_use, the_minimum_return_goes_with_every_choice) {
  mg_dataset_options o = {.by_return = true, .minimum_return = 8};
  assert_chosen(o, 3, (int64_t[]){0, 2, 4}); /* 8 itself is enough */
  o.minimum_return = 0;
  o.trajectories = 2;
  assert_chosen(o, 2, (int64_t[]){0, 2});
  o.choice = MG_CHOICE_BEST;
  assert_chosen(o, 2, (int64_t[]){2, 4});
  o.choice = MG_CHOICE_RANDOM;
  o.trajectories = 3;
  for (o.seed = 0; o.seed < 20; o.seed++) assert_chosen(o, 3, (int64_t[]){0, 2, 4});
  o.minimum_length = 4;
  o.trajectories = 0;
  assert_chosen(o, 2, (int64_t[]){0, 2});
  o.minimum_return = -5;
  assert_chosen(o, 3, (int64_t[]){0, 2, 3});
  o.by_return = false;
  o.minimum_length = 0;
  assert_chosen(o, 5, (int64_t[]){0, 1, 2, 3, 4});
}

Test(dataset_use, too_few_of_a_return_are_refused_with_the_best) {
  mg_dataset_options o = {.by_return = true, .minimum_return = 31};
  assert_refused(o,
                 "holds 0 trajectories with a return of at least 31 (of 5; the best has 30, in 3 "
                 "steps); expected 1 or more");
  o.minimum_return = 8;
  o.trajectories = 4;
  assert_refused(o, "holds 3 trajectories with a return of at least 8 (of 5;");
  o.minimum_length = 4;
  assert_refused(o, "holds 2 trajectories of at least 4 steps and with a return of at least 8");
}

/* ---- validation ---- */

enum { MOST = 40, STEPS = 53 };

typedef struct made {
  mg_arena *arena;
  mg_dataset d;
  mg_trajectory t[MOST];
} made;

/* Pair i of trajectory k: state (k, i), action 1000 k + i. */
static void make(made *m, int trajectories) {
  m->arena = mg_arena_create();
  m->d = (mg_dataset){
      .observation_size = 2, .action_size = 1, .trajectories = trajectories, .trajectory = m->t};
  for (int k = 0; k < trajectories; k++) {
    double *o = MG_NEW(m->arena, double, 2 * (STEPS + 1)), *a = MG_NEW(m->arena, double, STEPS);
    for (int i = 0; i <= STEPS; i++) o[2 * i] = k, o[2 * i + 1] = i;
    for (int i = 0; i < STEPS; i++) a[i] = 1000 * k + i;
    m->t[k] = (mg_trajectory){.id = k, .steps = STEPS, .observations = o, .actions = a};
  }
}

/* Each of the pairs is in one part and once there, with its action, in the order it had. */
static void assert_parts(const mg_pairs *all, const mg_pairs *train, const mg_pairs *held) {
  int at[2] = {0};
  const mg_pairs *part[2] = {train, held};
  cr_assert(train->count + held->count == all->count);
  for (int p = 0; p < all->count; p++) {
    int found = -1;
    for (int k = 0; k < 2 && found < 0; k++)
      if (at[k] < part[k]->count && part[k]->actions[at[k]] == all->actions[p]) found = k;
    cr_assert(found >= 0, "pair %d is in neither part", p);
    cr_assert(
        memcmp(part[found]->states + 2 * at[found], all->states + 2 * p, 2 * sizeof(double)) == 0);
    at[found]++;
  }
}

static void split(const made *m, int stride, double share, uint64_t seed, mg_pairs *train,
                  mg_pairs *held) {
  mg_pairs all, none;
  cr_assert(mg_dataset_split(&m->d, stride, 0, seed, m->arena, &all, &none) == MG_OK);
  cr_assert(mg_dataset_split(&m->d, stride, share, seed, m->arena, train, held) == MG_OK, "%s",
            mg_status_message());
  assert_parts(&all, train, held);
}

Test(dataset_use, whole_trajectories_are_held_out_where_the_share_is_one) {
  static const struct {
    int trajectories;
    double share;
    int held;
  } cases[] = {{4, 0.3, 1}, {10, 0.3, 3}, {7, 0.29, 2}, {40, 0.1, 4}, {2, 0.5, 1}, {3, 0.9, 2}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    int held_once[MOST] = {0}, different = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
      made m;
      mg_pairs train, held;
      make(&m, cases[c].trajectories);
      split(&m, 10, cases[c].share, seed, &train, &held);
      bool out[MOST] = {0};
      for (int p = 0; p < held.count; p++) out[(int)held.states[2 * p]] = true;
      for (int p = 0; p < train.count; p++) cr_assert(!out[(int)train.states[2 * p]]);
      int count = 0;
      for (int k = 0; k < MOST; k++) count += out[k], held_once[k] += out[k];
      cr_assert(count == cases[c].held, "%d of %d at %g", count, cases[c].trajectories,
                cases[c].share);
      mg_arena_destroy(m.arena);
    }
    for (int k = 0; k < cases[c].trajectories; k++) different += held_once[k] > 0;
    cr_assert(different == cases[c].trajectories, "some are never held out: case %zu", c);
  }
}

Test(dataset_use, single_pairs_are_held_out_where_it_is_less_than_one) {
  for (int trajectories = 1; trajectories <= 3; trajectories++) {
    made m;
    mg_pairs train, held, again[2];
    make(&m, trajectories);
    split(&m, 1, 0.3, 5, &train, &held);
    cr_assert(held.count == (int)floor(0.3 * STEPS * trajectories), "%d held", held.count);
    int of[3] = {0};
    for (int p = 0; p < held.count; p++) of[(int)held.states[2 * p]]++;
    for (int k = 0; k < trajectories; k++) cr_assert(of[k] > 5, "%d of trajectory %d", of[k], k);
    split(&m, 1, 0.3, 5, &again[0], &again[1]);
    cr_assert(memcmp(again[1].actions, held.actions, sizeof(double) * (size_t)held.count) == 0);
    split(&m, 1, 0.3, 6, &again[0], &again[1]);
    cr_assert(memcmp(again[1].actions, held.actions, sizeof(double) * (size_t)held.count) != 0,
              "the seed has no effect");
    mg_arena_destroy(m.arena);
  }
}

Test(dataset_use, edges_of_a_split) {
  made m;
  mg_pairs train, held;
  make(&m, 1);
  split(&m, 3, 0, 5, &train, &held);
  cr_assert(held.count == 0 && train.count > 0);
  m.t[0].steps = 2;
  split(&m, 1, 0.01, 5, &train, &held); /* at least one, */
  cr_assert(held.count == 1 && train.count == 1);
  split(&m, 1, 0.9999999999999, 5, &train, &held); /* and never all */
  cr_assert(held.count == 1 && train.count == 1);
  m.t[0].steps = 1;
  cr_assert(mg_dataset_split(&m.d, 1, 0.3, 5, m.arena, &train, &held) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), "single pair"), "%s", mg_status_message());
  cr_assert(mg_dataset_split(&m.d, 1, 1, 5, m.arena, &train, &held) == MG_ERR_CONFIG);
  cr_assert(mg_dataset_split(&m.d, 1, NAN, 5, m.arena, &train, &held) == MG_ERR_CONFIG);
  mg_arena_destroy(m.arena);

  /* A trajectory too short to give a pair counts for nothing: one of the two others is held out. */
  make(&m, 3);
  m.t[1].steps = 1;
  for (uint64_t seed = 0; seed < 50; seed++) {
    mg_pairs all, none;
    cr_assert(mg_dataset_split(&m.d, 50, 0, seed, m.arena, &all, &none) == MG_OK);
    bool gives[3] = {0};
    for (int p = 0; p < all.count; p++) gives[(int)all.states[2 * p]] = true;
    if (gives[1]) continue;
    split(&m, 50, 0.5, seed, &train, &held);
    cr_assert(train.count > 0 && held.count > 0);
  }
  mg_arena_destroy(m.arena);
}

/* ---- the box ---- */

Test(dataset_use, entries_outside_of_the_box_are_counted_and_clipped) {
  const double low[2] = {-1, (double)-0.4f}, high[2] = {1, (double)0.4f};
  /* The last is 0.4 in double, which is below 0.4f; 0.40000002 is not. */
  double actions[] = {0.5, 0.1, 1, -0.4, 1.5, 0.4, -7, -0.5, 1 + 1e-12, 0.40000004};
  mg_pairs pairs = {.count = 5, .actions = actions};
  const double clipped[] = {0.5, 0.1, 1, -0.4, 1, 0.4, -1, low[1], 1 + 1e-12, high[1]};
  cr_assert(mg_pairs_count_outside(&pairs, 2, low, high) == 4);
  mg_pairs_clip(&pairs, 2, low, high);
  for (int i = 0; i < 10; i++) cr_assert(actions[i] == clipped[i], "%d: %.17g", i, actions[i]);
  cr_assert(mg_pairs_count_outside(&pairs, 2, low, high) == 0);
}

/* ---- what a recorded file tells ---- */

static void write_returns(const char *path, const mg_dataset_provenance *p, int n,
                          const double *returns) {
  mg_dataset_writer *w;
  cr_assert(mg_dataset_writer_create(path, p, &w) == MG_OK, "%s", mg_status_message());
  for (int k = 0; k < n; k++) {
    double zero[6] = {0}, rewards[2] = {returns[k] - 1, 1};
    const mg_trajectory t = {
        .steps = 2, .observations = zero, .actions = zero, .rewards = rewards, .terminated = true};
    cr_assert(mg_dataset_writer_append(w, &t) == MG_OK);
    if (p->by_return) mg_dataset_writer_reject(w);
  }
  cr_assert(mg_dataset_writer_close(w, true) == MG_OK, "%s", mg_status_message());
}

static mg_dataset_origin origin_of(const char *path) {
  mg_dataset_origin origin;
  cr_assert(mg_dataset_origin_read(path, &origin) == MG_OK, "%s", mg_status_message());
  return origin;
}

Test(dataset_use, a_recording_tells_its_origin) {
  mg_dataset_provenance p = {.env_id = "Hopper-v4",
                             .env_kwargs = "{\"frame_skip\": 2}",
                             .observation_size = 2,
                             .action_size = 1,
                             .program = "mgail 0 (abc)",
                             .simulator = "MuJoCo 3",
                             .policy = "stochastic",
                             .policy_checksum = UINT64_MAX,
                             .seed = 5,
                             .algorithm = "ppo",
                             .parameters = "average",
                             .trained_steps = INT64_C(1) << 60,
                             .by_return = true,
                             .minimum_return = -2.5};
  write_returns(scratch_path("a.h5"), &p, 4, (double[]){1, 2, 4, 9});
  const mg_dataset_origin o = origin_of(scratch_path("a.h5"));
  cr_assert_str_eq(o.env_id, "Hopper-v4");
  cr_assert_str_eq(o.env_kwargs, "{\"frame_skip\": 2}");
  cr_assert_str_eq(o.program, "mgail 0 (abc)");
  cr_assert_str_eq(o.simulator, "MuJoCo 3");
  cr_assert_str_eq(o.policy, "stochastic");
  cr_assert_str_eq(o.parameters, "average");
  cr_assert_str_eq(o.algorithm, "ppo");
  cr_assert(o.trained_steps == INT64_C(1) << 60 && o.seed == 5);
  cr_assert(o.policy_checksum == UINT64_MAX && o.observation_size == 2 && o.action_size == 1);
  cr_assert(o.total_episodes == 4 && o.total_steps == 8);
  cr_assert(o.return_mean == 4 && o.return_min == 1 && o.return_max == 9);
  cr_assert(fabs(o.return_sd - sqrt(38.0 / 3)) < 1e-14, "%.17g", o.return_sd);
  cr_assert(o.minimum_return == -2.5 && o.rejected_episodes == 4);
  size_t length;
  char *text = (char *)file_read(scratch_path("a.metadata.json"), &length);
  cr_assert_not_null(text);
  text[length - 1] = 0;
  for (const char *const *c =
           (const char *const[]){"\"recording\"", "\"return_max\":\t9", "18446744073709551615",
                                 "1152921504606846976", "\"rejected_episodes\":\t4", NULL};
       *c; c++)
    cr_assert(strstr(text, *c), "metadata has no %s", *c);
  free(text);

  /* One episode has no spread; what is not known is not there. */
  p.by_return = false;
  p.algorithm = p.parameters = NULL;
  write_returns(scratch_path("b.h5"), &p, 1, (double[]){7});
  const mg_dataset_origin one = origin_of(scratch_path("b.h5"));
  cr_assert(one.return_mean == 7 && one.return_sd == 0 && one.return_min == 7);
  cr_assert(isnan(one.minimum_return) && one.rejected_episodes == -1 && one.trained_steps == -1);

  /* Nor is there what is not as it was written. */
  hid_t file = H5Fopen(scratch_path("b.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
  cr_assert(H5Adelete(file, "program") >= 0 && H5Fclose(file) >= 0);
  mg_dataset_origin spoilt;
  cr_assert(mg_dataset_origin_read(scratch_path("b.h5"), &spoilt) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), "b.h5: damaged"), "%s", mg_status_message());
}

Test(dataset_use, other_files_tell_what_they_can) {
  const mg_dataset_origin five = origin_of(craft_five());
  int known = 0;
  for (const mg_origin_row *row = mg_origin_rows; row->name; row++)
    known += mg_origin_has(row, &five);
  cr_assert(known == 0, "%d attributes", known);

  /* Wrong types are passed over, control characters do not reach the terminal. */
  hid_t file = H5Fopen(craft_five(), H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, 9);
  hid_t a = H5Acreate2(file, "program", type, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(a, type, "a\033[31m\nb\0");
  H5Aclose(a);
  a = H5Acreate2(file, "return_mean", type, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Aclose(a);
  H5Tclose(type);
  H5Sclose(space);
  H5Fclose(file);
  const mg_dataset_origin odd = origin_of(scratch_path("five.h5"));
  cr_assert_str_eq(odd.program, "a?[31m?b");
  cr_assert(isnan(odd.return_mean));

  cr_assert(file_write(scratch_path("text"), "none", 4));
  const mg_dataset_origin text = origin_of(scratch_path("text"));
  cr_assert(text.program[0] == 0 && text.total_steps == -1);
}
