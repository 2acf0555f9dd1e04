/* GAIL's trainer, in double: the rewards are what D says, endings are worth what the setting says,
 * a checkpoint holds all of it, and both updates learn. */
#include "algo/mgail/mgail.h"
#include "algo/on_policy/gail.h"
#include "support/algorithm_run.h"
#include "support/scratch_folder.h"
#include "support/tiny_run.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static mg_gail *gail_of(const run *r) {
  return (mg_gail *)r->algorithm;
}

static void make_folder(void) {
  cr_assert_not_null(scratch_make());
}
TestSuite(gail, .init = make_folder, .fini = scratch_remove);

/* ---- rewards ---- */

static double form_of(int reward, double l) {
  const double softplus = log1p(exp(-fabs(l))) + fmax(l, 0); /* -log(1 - D) */
  return reward == MG_REWARD_SOFTPLUS ? softplus : reward == MG_REWARD_LOG_D ? l - softplus : l;
}

/* D as it stands after the iteration is the one that judged. */
static void check_rewards(const char *env_id, int reward, int episodes) {
  run r;
  mg_settings settings = run_settings("gail", env_id);
  settings.gail.reward = reward;
  settings.gail.episodes = episodes;
  settings.ppo.scale_reward = false;
  run_start(&r, &settings);
  const mg_metrics report = run_iterate(&r, 3);
  const mg_on_policy *p = &gail_of(&r)->on_policy;
  const mg_adversary *adversary = &gail_of(&r)->adversary;
  const mg_segment *s = &p->segment;
  const int W = adversary->width, A = adversary->A, S = adversary->S;
  cr_expect_eq(W, S + A + (episodes == MG_GAIL_ABSORBING));
  mg_mlp_tape tape = mg_mlp_tape_make(&adversary->discriminator, 1, r.context.arena);
  mg_real *xa = MG_NEW(r.context.arena, mg_real, (size_t)W);
  const mg_real *theta = mg_learner_theta(&p->learner, gail_of(&r)->adversary.slice);
  double mean = 0;
  for (int i = 0; i < p->rows; i++) {
    mg_real l;
    memcpy(xa, s->x + i * S, (size_t)S * sizeof *xa);
    if (W > S + A) xa[S] = 0;
    for (int k = 0; k < A; k++) {
      const double shift =
          p->learner.base.policy.discrete ? 0 : adversary->expert->actions.shift[k];
      const double inverse =
          p->learner.base.policy.discrete ? 1 : adversary->expert->actions.inverse[k];
      xa[W - A + k] = (s->a[i * A + k] - shift) * inverse;
    }
    mg_mlp_forward(&adversary->discriminator, 1, theta, xa, &tape, &l);
    cr_assert_float_eq(s->reward[i], form_of(reward, l), 1e-12, "row %d", i);
    mean += s->reward[i] / p->rows;
  }
  cr_expect_float_eq(report.value[MG_METRIC_REWARD], mean, 1e-12);
  if (episodes == MG_GAIL_ABSORBING) {
    mg_real l;
    memset(xa, 0, (size_t)W * sizeof *xa);
    xa[S] = MG_ABSORBING_MARK;
    mg_mlp_forward(&adversary->discriminator, 1, theta, xa, &tape, &l);
    cr_expect_float_eq(report.value[MG_METRIC_ABSORBING_REWARD], form_of(reward, l), 1e-12);
    cr_expect_float_eq(p->ending_value, form_of(reward, l) / (1 - 0.95), 1e-10);
  }
  run_stop(&r);
}

Test(gail, rewards_are_what_the_discriminator_says) {
  check_rewards("CartPole-v0", MG_REWARD_SOFTPLUS, MG_GAIL_AS_IS);
  check_rewards("CartPole-v0", MG_REWARD_LOG_D, MG_GAIL_FIXED);
  check_rewards("Hopper-v4", MG_REWARD_LOGIT, MG_GAIL_AS_IS);
  check_rewards("Hopper-v4", MG_REWARD_SOFTPLUS, MG_GAIL_ABSORBING);
}

/* Of the pairs held out, one by one; MGAIL's D and GAIL's. */
static void check_unseen(const char *algorithm, double share) {
  run r;
  mg_settings settings = run_settings(algorithm, "Hopper-v4");
  settings.data.validation = share;
  run_start(&r, &settings);
  const mg_metrics report = run_iterate(&r, 4);
  mg_learner *l = (mg_learner *)r.algorithm;
  const mg_adversary *adversary = strcmp(algorithm, "gail") == 0
                                      ? &gail_of(&r)->adversary
                                      : &((mg_mgail *)r.algorithm)->adversary;
  const mg_pairs *held = &adversary->expert->validation;
  cr_assert(share > 0 ? held->count > 1 : held->count == 0);
  mg_mlp_tape tape = mg_mlp_tape_make(&adversary->discriminator, 1, r.context.arena);
  double told = 0;
  for (int p = 0; p < held->count; p++) {
    mg_real xa[64], logit;
    mg_normaliser_apply(&adversary->expert->states, 1, held->states + p * adversary->S, xa);
    mg_normaliser_apply(&adversary->expert->actions, 1, held->actions + p * adversary->A,
                        xa + adversary->S);
    mg_mlp_forward(&adversary->discriminator, 1, mg_learner_theta(l, adversary->slice), xa, &tape,
                   &logit);
    told += logit > 0;
  }
  if (share > 0)
    cr_expect_float_eq(report.value[MG_METRIC_D_UNSEEN_ACCURACY], told / held->count, 1e-12);
  else
    cr_expect(report.weight[MG_METRIC_D_UNSEEN_ACCURACY] == 0);
  run_stop(&r);
}

Test(gail, accuracy_on_unseen_pairs_is_that_of_the_pairs_held_out) {
  check_unseen("gail", 0.3);
  check_unseen("mgail", 0.3);
  check_unseen("gail", 0);
  check_unseen("mgail", 0);
}

/* The control: D = 1/2 stays so, and every reward is the form's constant, to the last bit. */
Test(gail, a_constant_discriminator_pays_a_constant) {
  const double constant[] = {log(2), -log(2), 0};
  for (int reward = 0; reward < 3; reward++) {
    run r;
    mg_settings settings = run_settings("gail", "CartPole-v0");
    settings.discriminator.updates = 0;
    settings.gail.reward = reward;
    settings.ppo.scale_reward = false;
    run_start(&r, &settings);
    const mg_metrics report = run_iterate(&r, 4);
    const mg_segment *s = &gail_of(&r)->on_policy.segment;
    for (int i = 0; i < gail_of(&r)->on_policy.rows; i++)
      cr_assert_eq(s->reward[i], s->reward[0], "row %d", i);
    cr_expect_float_eq(s->reward[0], constant[reward], 1e-15);
    cr_expect_eq(report.weight[MG_METRIC_D_POLICY_LOSS], 0);
    /* The return reported is the task's: a step upright is worth 1. */
    cr_expect_eq(report.value[MG_METRIC_EPISODE_RETURN], report.value[MG_METRIC_EPISODE_LENGTH]);
    run_stop(&r);
  }
}

/* ---- endings ---- */

/* Advantages of the last segment anew, by a slow way: G_t = delta_t + gamma lambda G_{t+1} within a
 * stretch, and what follows a termination as the setting has it. */
static void check_ending(int episodes, bool own_keys) {
  run r;
  mg_settings settings = run_settings("gail", "CartPole-v0");
  settings.gail.episodes = episodes;
  if (own_keys) { /* they go before PPO's */
    settings.gail.horizon = settings.ppo.horizon;
    settings.gail.gamma = settings.ppo.gamma;
    settings.gail.lambda = settings.ppo.lambda;
    settings.ppo.horizon = 3;
    settings.ppo.gamma = settings.ppo.lambda = 0.5;
  }
  run_start(&r, &settings);
  run_iterate(&r, 5);
  mg_on_policy *p = &gail_of(&r)->on_policy;
  const mg_segment *s = &p->segment;
  const int N = s->environments, H = s->steps, S = s->state_size;
  cr_assert_eq(H, 16);
  mg_metrics report = {0};
  p->learner.metrics = &report; /* those of the last iteration are gone */
  mg_on_policy_advantages(p);
  mg_mlp_tape tape = mg_mlp_tape_make(&p->value_net, 1, r.context.arena);
  const mg_real *theta = mg_learner_theta(&p->learner, MG_ON_POLICY_VALUE);
  int terminated = 0;
  for (int n = 0; n < N; n++) {
    double later = 0;
    for (int t = H - 1; t >= 0; t--) {
      const int i = t * N + n;
      mg_real V, next;
      mg_mlp_forward(&p->value_net, 1, theta, s->x + i * S, &tape, &V);
      mg_mlp_forward(&p->value_net, 1, theta, s->next_x + i * S, &tape, &next);
      double follows = next;
      if (s->terminated[i]) {
        terminated++;
        if (episodes == MG_GAIL_AS_IS) follows = 0;
        if (episodes == MG_GAIL_ABSORBING) follows = p->ending_value * p->reward_scale.inverse[0];
      }
      if (s->terminated[i] || s->truncated[i] || t == H - 1) later = 0;
      later = s->reward[i] + 0.95 * follows - V + 0.95 * 0.9 * later;
      cr_assert_float_eq(p->returns[i] - p->value[i], later, 1e-10, "row %d", i);
    }
  }
  cr_expect_gt(terminated, 0);
  run_stop(&r);
}

Test(gail, a_termination_is_worth_nothing_as_it_is) {
  check_ending(MG_GAIL_AS_IS, false);
}
Test(gail, a_termination_is_worth_its_absorbing_state) {
  check_ending(MG_GAIL_ABSORBING, false);
}
Test(gail, a_termination_is_worth_its_state_where_fixed) {
  check_ending(MG_GAIL_FIXED, false);
}
Test(gail, own_horizon_gamma_and_lambda) {
  check_ending(MG_GAIL_AS_IS, true);
  check_ending(MG_GAIL_ABSORBING, true);
}

/* Shares of absorbing pairs: T of R + T among the policy's, K of k P + K among the expert's. */
Test(gail, absorbing_pairs_come_with_their_weight) {
  run r;
  mg_settings settings = run_settings("gail", "CartPole-v0");
  settings.gail.episodes = MG_GAIL_ABSORBING;
  settings.discriminator.batch = 4000;
  settings.discriminator.segments = 1;
  run_start(&r, &settings);
  mg_adversary *adversary = &gail_of(&r)->adversary;
  adversary->expert->terminated = 40; /* the tiny expert never falls */
  run_iterate(&r, 5);
  const mg_segment *s = &gail_of(&r)->on_policy.segment;
  double ended = 0, rows = gail_of(&r)->on_policy.rows;
  for (int i = 0; i < rows; i++) ended += s->terminated[i];
  cr_assert_gt(ended, 0);
  const double share[2] = {ended / (rows + ended),
                           40 / (settings.data.subsample * adversary->expert->train.count + 40.0)};
  for (int half = 0; half < 2; half++) {
    double count = 0;
    for (int b = 0; b < 4000; b++) {
      const mg_real *xa = adversary->pairs + (half * 4000 + b) * adversary->width;
      const bool absorbing = xa[adversary->S] == MG_ABSORBING_MARK;
      count += absorbing;
      for (int i = 0; absorbing && i < adversary->width; i++)
        cr_assert(i == adversary->S || xa[i] == 0);
      cr_assert(absorbing || xa[adversary->S] == 0);
    }
    const double sd = sqrt(share[half] / 4000);
    cr_expect_float_eq(count / 4000, share[half], 5 * sd, "half %d: %g, expected %g", half,
                       count / 4000, share[half]);
  }
  run_stop(&r);
}

/* ---- checkpoint ---- */

static void check_resume(int update, int episodes) {
  run a, b;
  mg_settings settings = run_settings("gail", "CartPole-v0");
  settings.gail.update = update;
  settings.gail.episodes = episodes;
  settings.ppo.desired_kl = 10; /* the rate goes up in every iteration */
  run_start(&a, &settings);
  run_start(&b, &settings);
  run_iterate(&a, 7);
  run_visit(&a, scratch_path("checkpoint.h5"), false);
  run_visit(&b, scratch_path("checkpoint.h5"), true);
  const mg_metrics ra = run_iterate(&a, 4), rb = run_iterate(&b, 4);
  const mg_paramset *set = a.algorithm->set;
  cr_expect_eq(memcmp(set->theta, b.algorithm->set->theta, set->size * sizeof *set->theta), 0);
  cr_expect(a.algorithm->steps == b.algorithm->steps && b.algorithm->iteration == 11);
  for (int k = 0; k < MG_METRIC_COUNT; k++) {
    if (strncmp(tiny_metric_name(k), "seconds", 7) == 0) continue;
    cr_expect_eq(ra.value[k], rb.value[k], "%s", tiny_metric_name(k));
  }
  run_stop(&a);
  run_stop(&b);
}

Test(gail, goes_on_from_a_checkpoint_bit_for_bit) {
  check_resume(MG_GAIL_TRPO, MG_GAIL_AS_IS);
  check_resume(MG_GAIL_PPO, MG_GAIL_ABSORBING);
}

/* ---- learning ---- */

/* From demonstrations of a rule that keeps the pole up. */
static void check_learns(int update) {
  run r;
  mg_settings settings = run_settings("gail", "CartPole-v0");
  settings.run.environments = 16;
  settings.run.steps = 60 * 16 * 64;
  settings.gail.update = update;
  settings.data.state_epsilon = 0.1;
  settings.discriminator.updates = 3;
  settings.discriminator.batch = 256;
  settings.discriminator.segments = 2;
  settings.policy.learning_rate = settings.policy.final_learning_rate = 1e-3;
  settings.ppo.horizon = 64;
  settings.ppo.gamma = 0.99;
  settings.ppo.epochs = 5;
  settings.ppo.minibatches = 8;
  settings.gail.max_kl = settings.gail.final_max_kl = 0.02;
  run_start(&r, &settings);
  const double first = run_iterate(&r, 1).value[MG_METRIC_EPISODE_LENGTH];
  cr_expect_lt(first, 60, "a random policy stood for %g steps", first);
  run_iterate(&r, 49);
  double steps = 0, ended = 0, largest = 0;
  for (int i = 0; i < 10; i++) {
    const mg_metrics report = run_iterate(&r, 1);
    steps += 64 * 16;
    ended += report.value[MG_METRIC_EPISODES];
    largest = fmax(largest, report.value[MG_METRIC_KL]);
  }
  cr_expect_gt(steps / ended, 120, "update %d: %g steps an episode", update, steps / ended);
  cr_expect_gt(largest, 0);
  if (update == MG_GAIL_TRPO) cr_expect_leq(largest, 0.02);
  cr_expect_gt(r.algorithm->flops, 0);
  run_stop(&r);
}

Test(gail, learns_with_trust_region_steps) {
  check_learns(MG_GAIL_TRPO);
}
Test(gail, learns_with_clipped_passes) {
  check_learns(MG_GAIL_PPO);
}

/* Under a blind discriminator the learner comes nearer to the expert's actions by the clone's term.
 */
static void check_clone(int update) {
  double fallen[2];
  for (int with = 0; with < 2; with++) {
    run r;
    mg_settings settings = run_settings("gail", "CartPole-v0");
    settings.gail.update = update;
    settings.discriminator.updates = 0;
    settings.gail.reward = MG_REWARD_LOG_D; /* pays for falling, which the expert does not */
    settings.policy.entropy = 0;
    settings.policy.learning_rate = settings.policy.final_learning_rate = 1e-3;
    settings.gail.clone_weight = with ? 20 : 1e-9;
    run_start(&r, &settings);
    const mg_metrics first = run_iterate(&r, 1), last = run_iterate(&r, 30);
    fallen[with] = first.value[MG_METRIC_CLONE_LOSS] - last.value[MG_METRIC_CLONE_LOSS];
    cr_expect_gt(last.value[MG_METRIC_CLONE_GRADIENT], 0);
    cr_expect_gt(last.value[MG_METRIC_ADVERSARIAL_GRADIENT], 0);
    run_stop(&r);
  }
  cr_expect_gt(fallen[1], fallen[0] + 0.1, "update %d: the loss falls by %g, without weight by %g",
               update, fallen[1], fallen[0]);
}

Test(gail, clones_with_trust_region_steps) {
  check_clone(MG_GAIL_TRPO);
}
Test(gail, clones_with_clipped_passes) {
  check_clone(MG_GAIL_PPO);
}

Test(gail, refuses_an_absorbing_state_for_ever) {
  run r;
  const mg_settings settings = run_settings("gail", "CartPole-v0");
  run_prepare(&r, &settings);
  r.settings.gail.episodes = MG_GAIL_ABSORBING;
  r.settings.ppo.gamma = 1;
  cr_expect_eq(mg_algorithm_create(&mg_gail_class, &r.context, &r.algorithm), MG_ERR_CONFIG);
  cr_expect_not_null(strstr(mg_status_message(), "ppo.gamma is 1"));
  cr_expect_null(r.algorithm);
  mg_arena_destroy(r.context.arena);
}
