#include "files/checkpoint/checkpoint.h"
#include "rollout/collector.h"

#include "envs/env_impl.h"
#include "rollout/contained_step.h"
#include "support/task_policy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct fixture {
  task_policy of;
  mg_collector *collector;
  mg_segment segment;
} fixture;

/* `steps` steps of `environments`; theta is zero (or sigma alone, if continuous). */
static void set_up_shaped(fixture *f, const char *id, int environments, int64_t first_index,
                          int steps, double log_sigma, bool observe, double shaping) {
  task_policy_make(&f->of, id, 1, (const int[]){8});
  const mg_policy *policy = &f->of.policy;
  for (size_t i = mg_policy_log_sigma_offset(policy); i < mg_policy_size(policy); i++)
    f->of.theta[i] = (mg_real)log_sigma;
  mg_collector_options options = {.env_id = id,
                                  .share = {.first = first_index,
                                            .count = environments,
                                            .total = first_index + environments,
                                            .ranks = 1,
                                            .copies = 1,
                                            .own = true},
                                  .seed = 11,
                                  .observe = observe,
                                  .shaping = shaping,
                                  .gamma = 0.99};
  cr_assert(mg_collector_create(&options, policy, &f->of.normaliser, f->of.arena, &f->collector) ==
                MG_OK,
            "%s", mg_status_message());
  f->segment =
      mg_segment_make(steps, environments, policy->state_size, policy->action_size, f->of.arena);
}

static void set_up(fixture *f, const char *id, int environments, int64_t first_index, int steps,
                   double log_sigma, bool observe) {
  set_up_shaped(f, id, environments, first_index, steps, log_sigma, observe, 0);
}

static void tear_down(fixture *f) {
  mg_collector_destroy(f->collector);
  mg_arena_destroy(f->of.arena);
}

static bool ended(const mg_segment *s, int i) {
  return s->terminated[i] || s->truncated[i];
}

Test(collector, next_states_chain_within_episodes_and_are_true_at_their_ends) {
  fixture f;
  set_up(&f, "CartPole-v0", 5, 0, 100, 0, false);
  mg_segment *s = &f.segment;
  int ends = 0;
  for (int round = 0; round < 2; round++) {
    mg_real last[5 * 4];
    bool open[5] = {0};
    if (round == 1) {
      memcpy(last, s->next_x + 99 * 5 * 4, sizeof last);
      for (int n = 0; n < 5; n++) open[n] = !ended(s, 99 * 5 + n);
    }
    mg_collector_run(f.collector, f.of.theta, s);
    for (int n = 0; n < 5; n++)
      if (open[n]) cr_assert(memcmp(last + n * 4, s->x + n * 4, 4 * sizeof(mg_real)) == 0);
    for (int i = 0; i + 5 < 500; i++) {
      bool same = memcmp(s->next_x + i * 4, s->x + (i + 5) * 4, 4 * sizeof(mg_real)) == 0;
      cr_assert(same != ended(s, i), "row %d", i);
      ends += ended(s, i);
      /* Gymnasium's limits, of the true last state; a fresh state is within 0.05. */
      bool outside = fabs((double)s->next_x[i * 4]) > 2.4 ||
                     fabs((double)s->next_x[i * 4 + 2]) > 12 * 2 * 3.14159265358979 / 360;
      cr_assert(outside == (s->terminated[i] != 0), "row %d", i);
      if (ended(s, i)) cr_assert(fabs((double)s->x[(i + 5) * 4 + 2]) <= 0.05);
    }
  }
  cr_assert(ends > 20);
  tear_down(&f);
}

Test(collector, counts_episodes_and_their_returns) {
  fixture f;
  set_up(&f, "CartPole-v0", 4, 0, 300, 0, false);
  double total = 0, running[4] = {0};
  int count = 0;
  mg_collector_run(f.collector, f.of.theta, &f.segment);
  for (int i = 0; i < 1200; i++) {
    running[i % 4] += (double)f.segment.reward[i];
    if (!ended(&f.segment, i)) continue;
    total += running[i % 4];
    running[i % 4] = 0;
    count++;
  }
  mg_episodes episodes = mg_collector_take_episodes(f.collector);
  cr_assert(count > 20 && episodes.count == count);
  cr_assert(episodes.total_return == total && episodes.total_length == total);
  cr_assert(episodes.unstable == 0);
  episodes = mg_collector_take_episodes(f.collector);
  cr_assert(episodes.count == 0 && episodes.total_return == 0);
  tear_down(&f);
}

/* 200 steps: the time limit, which is no termination. MountainCar would do; Hopper stands too short
 * and CartPole-v0's limit is reached by a pole that is balanced. */
Test(collector, a_time_limit_truncates) {
  fixture f;
  set_up(&f, "CartPole-v0", 2, 0, 201, 0, false);
  mg_policy linear = mg_policy_make(4, 2, true, 0, NULL, MG_TANH, NULL, NULL);
  mg_real w[10] = {(mg_real)-10, (mg_real)-50, -500, -200, (mg_real)10, (mg_real)50, 500, 200};
  mg_collector *collector = NULL;
  mg_collector_options options = {
      .env_id = "CartPole-v0", .share = mg_share_of(2, 0, 1), .seed = 1};
  cr_assert(mg_collector_create(&options, &linear, &f.of.normaliser, f.of.arena, &collector) ==
            MG_OK);
  mg_collector_run(collector, w, &f.segment);
  for (int i = 0; i < 402; i++) {
    cr_assert(!f.segment.terminated[i], "row %d", i);
    cr_assert(f.segment.truncated[i] == (i / 2 == 199), "row %d", i);
  }
  mg_collector_destroy(collector);
  tear_down(&f);
}

Test(collector, what_an_environment_does_depends_on_its_global_index_only) {
  fixture all, part;
  set_up(&all, "CartPole-v0", 6, 0, 80, 0, false);
  mg_collector_run(all.collector, all.of.theta, &all.segment);
  for (int first = 0; first < 6; first += 2) {
    set_up(&part, "CartPole-v0", 2, first, 80, 0, false);
    mg_collector_run(part.collector, part.of.theta, &part.segment);
    for (int t = 0; t < 80; t++)
      for (int n = 0; n < 2; n++) {
        int i = t * 6 + first + n, j = t * 2 + n;
        cr_assert(memcmp(all.segment.x + i * 4, part.segment.x + j * 4, 4 * sizeof(mg_real)) == 0);
        cr_assert(memcmp(all.segment.noise + i * 2, part.segment.noise + j * 2,
                         2 * sizeof(mg_real)) == 0);
      }
    tear_down(&part);
  }
  tear_down(&all);
}

Test(collector, feeds_the_normaliser_only_if_told_and_never_changes_it) {
  for (int observe = 0; observe < 2; observe++) {
    fixture f;
    set_up(&f, "CartPole-v0", 3, 0, 50, 0, observe);
    mg_collector_run(f.collector, f.of.theta, &f.segment);
    cr_assert(*f.of.normaliser.pending_count == (observe ? 150 : 0));
    cr_assert(*f.of.normaliser.count == 0 && f.of.normaliser.inverse[0] == 1);
    double sum = 0;
    for (int i = 0; i < 150; i++) sum += (double)f.segment.x[i * 4 + 1];
    cr_assert(fabs(f.of.normaliser.pending_sum[1] - (observe ? sum : 0)) < 1e-4);
    tear_down(&f);
  }
}

/* ---- shaping ---- */

/* MountainCar's potential once more: energy, -1 on the floor at rest, 0 at the goal at rest. */
static double potential(const mg_real *x) {
  double height = (sin(3 * (double)x[0]) + 1) / (sin(1.5) + 1);
  double speed = (double)x[1];
  return height - 1 + speed * speed / 2 / (0.0025 / 3 * (sin(1.5) + 1));
}

/* Sums of the shaped rewards, discounted by the shaping's gamma, and what they telescope to: those
 * of the true rewards (-1), and w times the potentials of the first state and, unless terminated,
 * the last. Returns how many episodes ended by the given kind of end. */
static int episodes_telescope(const mg_segment *s, double w, const uint8_t *kind) {
  int N = s->environments, count = 0;
  for (int n = 0; n < N; n++) {
    double sum = 0, expected = 0, discount = 1;
    for (int t = 0; t < s->steps; t++) {
      int i = t * N + n;
      if (discount == 1) expected = -w * potential(s->x + i * 2);
      sum += discount * (double)s->reward[i];
      expected -= discount;
      discount *= 0.99;
      if (!ended(s, i)) continue;
      if (!s->terminated[i]) expected += discount * w * potential(s->next_x + i * 2);
      cr_assert(fabs(sum - expected) < 1e-4 * w, "row %d: %g, expected %g", i, sum, expected);
      count += kind[i];
      sum = 0;
      discount = 1;
    }
  }
  return count;
}

Test(collector, shaped_rewards_telescope_up_to_a_time_limit) {
  fixture f;
  set_up_shaped(&f, "MountainCar-v0", 3, 0, 500, 0, false, 40);
  mg_collector_run(f.collector, f.of.theta, &f.segment);
  cr_assert_eq(episodes_telescope(&f.segment, 40, f.segment.truncated), 3 * 2);
  /* The last step's potential counts: at a time limit the reward is as on any other step. */
  for (int i = 199 * 3; i < 200 * 3; i++) {
    cr_assert(f.segment.truncated[i]);
    double now = potential(f.segment.x + i * 2), next = potential(f.segment.next_x + i * 2);
    cr_assert(fabs((double)f.segment.reward[i] + 1 - 40 * (0.99 * next - now)) < 1e-3);
  }
  /* What is reported is the task's own. */
  mg_episodes episodes = mg_collector_take_episodes(f.collector);
  cr_assert(episodes.count == 6 && episodes.total_return == -1200);
  tear_down(&f);
}

Test(collector, shaped_rewards_telescope_up_to_a_termination) {
  fixture f;
  set_up_shaped(&f, "MountainCar-v0", 2, 0, 1, 0, false, 0);
  mg_policy linear = mg_policy_make(2, 3, true, 0, NULL, MG_TANH, NULL, NULL);
  mg_real push[9] = {0, -5000, 0, 0, 0, 5000}; /* W [3,2]: along the velocity; b = 0 */
  mg_segment s = mg_segment_make(700, 2, 2, 3, f.of.arena);
  mg_collector *collector = NULL;
  mg_collector_options options = {.env_id = "MountainCar-v0",
                                  .share = mg_share_of(2, 0, 1),
                                  .seed = 1,
                                  .shaping = 25,
                                  .gamma = 0.99};
  cr_assert(mg_collector_create(&options, &linear, &f.of.normaliser, f.of.arena, &collector) ==
            MG_OK);
  mg_collector_run(collector, push, &s);
  int goals = episodes_telescope(&s, 25, s.terminated);
  cr_assert(goals > 6, "%d goals", goals);
  /* Beyond a goal there is no potential. */
  for (int i = 0; i < 700 * 2; i++)
    if (s.terminated[i])
      cr_assert(fabs((double)s.reward[i] + 1 + 25 * potential(s.x + i * 2)) < 1e-3, "row %d", i);
  mg_episodes episodes = mg_collector_take_episodes(collector);
  cr_assert(episodes.count >= goals && episodes.total_return == -episodes.total_length);
  mg_collector_destroy(collector);
  tear_down(&f);
}

Test(collector, shaping_changes_nothing_but_the_reward) {
  fixture a, b;
  set_up_shaped(&a, "MountainCar-v0", 2, 0, 300, 0, false, 0);
  set_up_shaped(&b, "MountainCar-v0", 2, 0, 300, 0, false, 30);
  mg_collector_run(a.collector, a.of.theta, &a.segment);
  mg_collector_run(b.collector, b.of.theta, &b.segment);
  cr_assert(memcmp(a.segment.next_x, b.segment.next_x, 600 * 2 * sizeof(mg_real)) == 0);
  for (int i = 0; i < 600; i++) cr_assert(a.segment.reward[i] == -1);
  cr_assert(memcmp(a.segment.reward, b.segment.reward, 600 * sizeof(mg_real)) != 0);
  tear_down(&a);
  tear_down(&b);
}

/* A policy so broken that its torques are infinite: a bad state in every step. */
Test(collector, an_unstable_simulator_ends_the_episode_and_nothing_bad_gets_out) {
  fixture f;
  set_up(&f, "Hopper-v4", 2, 0, 10, 1000, false);
  mg_collector_run(f.collector, f.of.theta, &f.segment);
  const mg_segment *s = &f.segment;
  for (int i = 0; i < 20; i++) {
    cr_assert(s->terminated[i] && !s->truncated[i] && s->reward[i] == 0, "row %d", i);
    cr_assert(memcmp(s->x + i * 11, s->next_x + i * 11, 11 * sizeof(mg_real)) == 0);
    for (int j = 0; j < 11; j++) cr_assert(isfinite((double)s->x[i * 11 + j]));
  }
  mg_episodes episodes = mg_collector_take_episodes(f.collector);
  cr_assert(episodes.count == 20 && episodes.unstable == 20);
  tear_down(&f);
}

/* ---- a step that fails, of an environment made up for it ---- */

static double bad_reward, bad_observation;
static bool bad_state;

static mg_env_outcome failing_step(mg_env *env, const double *action, double *observation) {
  (void)env, (void)action;
  observation[0] = 1;
  observation[1] = bad_observation;
  return (mg_env_outcome){.reward = bad_reward, .truncated = true, .unstable = bad_state};
}

Test(collector, a_failing_step_is_contained) {
  mg_env_ops ops = {.step = failing_step};
  mg_env env = {.ops = &ops, .spec = {.observation_size = 2}};
  double action = 0, before[2] = {5, 6}, after[2];
  bad_reward = 3, bad_observation = 2, bad_state = false;
  mg_env_outcome outcome = mg_contained_step(&env, &action, before, after);
  cr_assert(outcome.reward == 3 && outcome.truncated && !outcome.terminated && after[1] == 2);
  for (int what = 0; what < 6; what++) {
    bad_reward = what == 0 ? NAN : what == 4 ? -1e39 : 3; /* infinite in float32 */
    bad_observation = what == 1 ? NAN : what == 2 ? -INFINITY : what == 5 ? 1e39 : 2;
    bad_state = what == 3;
    outcome = mg_contained_step(&env, &action, before, after);
    cr_assert(outcome.reward == 0 && outcome.terminated && !outcome.truncated && outcome.unstable,
              "case %d", what);
    cr_assert(after[0] == 5 && after[1] == 6, "case %d", what);
  }
}

static void goes_on(const char *id, double shaping) {
  char path[] = "/tmp/mgail_test_collector_XXXXXX";
  cr_assert(mkdtemp(path) != NULL);
  char file[128];
  snprintf(file, sizeof file, "%s/checkpoint.h5", path);
  mg_comm comm = mg_comm_self();
  fixture a, b;
  set_up_shaped(&a, id, 3, 0, 150, -1, false, shaping);
  set_up_shaped(&b, id, 3, 0, 150, -1, false, shaping);
  mg_archive *archive = NULL;
  mg_collector_run(a.collector, a.of.theta, &a.segment);
  mg_collector_take_episodes(a.collector);
  cr_assert(mg_checkpoint_create(file, &comm, &archive) == MG_OK, "%s", mg_status_message());
  mg_collector_visit(a.collector, archive);
  cr_assert(mg_checkpoint_close(archive) == MG_OK, "%s", mg_status_message());
  cr_assert(mg_checkpoint_open(file, &comm, &archive) == MG_OK, "%s", mg_status_message());
  mg_collector_visit(b.collector, archive);
  cr_assert(mg_checkpoint_close(archive) == MG_OK, "%s", mg_status_message());
  size_t rows = 150 * 3, S = (size_t)a.segment.state_size, A = (size_t)a.segment.action_size;
  for (int round = 0; round < 3; round++) {
    mg_collector_run(a.collector, a.of.theta, &a.segment);
    mg_collector_run(b.collector, b.of.theta, &b.segment);
    cr_assert(memcmp(a.segment.x, b.segment.x, rows * S * sizeof(mg_real)) == 0);
    cr_assert(memcmp(a.segment.a, b.segment.a, rows * A * sizeof(mg_real)) == 0);
    cr_assert(memcmp(a.segment.reward, b.segment.reward, rows * sizeof(mg_real)) == 0);
  }
  mg_episodes ea = mg_collector_take_episodes(a.collector);
  mg_episodes eb = mg_collector_take_episodes(b.collector);
  cr_assert(ea.count == eb.count && ea.total_return == eb.total_return && ea.count > 0);
  unlink(file);
  rmdir(path);
  tear_down(&a);
  tear_down(&b);
}

Test(collector, goes_on_from_a_checkpoint_bit_for_bit) {
  goes_on("Hopper-v4", 0);
}

/* Within an episode: the state's potential is not in the checkpoint, it follows from the state. */
Test(collector, shaping_goes_on_from_a_checkpoint_bit_for_bit) {
  goes_on("MountainCar-v0", 30);
}

static void count_poll(mg_comm *comm) {
  ++*(int *)comm->impl;
}

/* So that what is on its way gets on however long a step of all environments takes. */
Test(collector, looks_at_messages_after_each_environment) {
  int polls = 0;
  mg_comm comm = mg_comm_self();
  comm.impl = &polls;
  comm.poll = count_poll;
  task_policy of;
  task_policy_make(&of, "CartPole-v0", 1, (const int[]){8});
  const mg_collector_options options = {
      .env_id = "CartPole-v0", .share = mg_share_of(3, 0, 1), .seed = 1, .comm = &comm};
  mg_collector *collector;
  cr_assert_eq(mg_collector_create(&options, &of.policy, &of.normaliser, of.arena, &collector),
               MG_OK);
  mg_segment segment = mg_segment_make(5, 3, of.policy.state_size, of.policy.action_size, of.arena);
  mg_collector_run(collector, of.theta, &segment);
  cr_expect_eq(polls, 15);
  mg_collector_destroy(collector);
  mg_arena_destroy(of.arena);
}
