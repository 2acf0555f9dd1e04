#include "algo/adversary.h"

#include "math/vec.h"
#include "model/value.h"
#include "rollout/segment_after.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* ---- the expert ---- */

/* [count,width]; zeros where the absorbing state's mark is: none is. */
static mg_real *normalise_pairs(const mg_adversary *self, const mg_pairs *pairs, mg_arena *arena) {
  const mg_expert *expert = self->expert;
  const size_t P = (size_t)pairs->count, A = (size_t)self->A;
  const size_t d = (size_t)expert->states.raw_size, W = (size_t)self->width;
  mg_real *xa = MG_NEW(arena, mg_real, P * W);
  for (size_t p = 0; mg_arena_status(arena) == MG_OK && p < P; p++) {
    mg_real *row = xa + p * W;
    mg_normaliser_apply(&expert->states, 1, pairs->states + p * d, row);
    mg_normaliser_apply(&expert->actions, 1, pairs->actions + p * A, row + W - A);
  }
  return xa;
}

mg_status mg_adversary_load(mg_adversary *self, const mg_context *context, const mg_env_spec *spec,
                            bool absorbing) {
  self->settings = context->settings;
  self->discrete = spec->discrete;
  self->absorbing = absorbing;
  MG_TRY(mg_expert_load(context, spec, &self->expert));
  self->S = self->expert->states.size;
  self->A = spec->action_size;
  self->width = self->S + absorbing + self->A;
  self->expert_xa = normalise_pairs(self, &self->expert->train, context->arena);
  self->unseen_xa = normalise_pairs(self, &self->expert->validation, context->arena);
  return mg_arena_status(context->arena);
}

/* ---- the network and its memory ---- */

mg_status mg_adversary_make(mg_adversary *self, const mg_context *context, int least, int steps,
                            int environments) {
  const mg_settings *s = context->settings;
  mg_arena *arena = context->arena;
  self->memory = s->discriminator.segments;
  const int ring = self->ring = self->memory > least ? self->memory : least;
  const int64_t rows = (int64_t)steps * environments;
  if (rows > INT_MAX / ring) {
    return mg_fail(MG_ERR_CONFIG,
                   "%d segments of %" PRId64 " steps are to be kept (discriminator.segments, "
                   "mgail.memory); expected at most %d steps in all",
                   ring, rows, INT_MAX);
  }
  const mg_share share = mg_comm_share(context->comm, s->run.environments, context->comm->rank);
  self->batch = (int)mg_share_part(&share, s->discriminator.batch);
  self->discriminator = mg_discriminator_make(
      self->width - self->A, self->A, s->discriminator.hidden.count, s->discriminator.hidden.width,
      (mg_activation)s->discriminator.activation);
  self->held = mg_segment_make(ring * steps, environments, self->S, self->A, arena);
  self->segment = MG_NEW(arena, mg_segment, (size_t)ring);
  for (int k = 0; mg_arena_status(arena) == MG_OK && k < ring; k++)
    self->segment[k] = mg_segment_part(&self->held, k * steps, steps);
  self->held_xa = MG_NEW(arena, mg_real, (size_t)ring * (size_t)rows * (size_t)self->width);
  self->collected = MG_NEW(arena, int64_t, 1);
  self->ended = MG_NEW(arena, int, (size_t)ring);
  const size_t B = (size_t)self->batch;
  self->work = mg_discriminator_work_make(&self->discriminator, self->batch, arena);
  self->pairs = MG_NEW(arena, mg_real, 2 * B * (size_t)self->width);
  self->mix = MG_NEW(arena, mg_real, B);
  return MG_OK;
}

void mg_adversary_add_slice(mg_adversary *self, mg_learner *learner) {
  const size_t size = mg_mlp_size(&self->discriminator);
  self->slice =
      mg_learner_network(learner, "discriminator", size, self->settings->discriminator.clip);
  learner->adam[self->slice].weight_decay = self->settings->discriminator.weight_decay;
}

void mg_adversary_init(const mg_adversary *self, const mg_learner *learner) {
  mg_real *theta = mg_learner_theta(learner, self->slice);
  mg_rng rng = mg_rng_at(learner->seed, MG_RNG_INIT, (uint64_t)self->slice, 0);
  mg_discriminator_init(&self->discriminator, &rng, theta);
  if (self->settings->discriminator.updates == 0)
    mg_vec_fill(mg_mlp_size(&self->discriminator), 0, theta);
}

mg_segment *mg_adversary_next(mg_adversary *self) {
  return &self->segment[*self->collected % self->ring];
}

int mg_adversary_held(const mg_adversary *self) {
  return *self->collected < self->ring ? (int)*self->collected : self->ring;
}

static int rows_of(const mg_segment *s) {
  return s->steps * s->environments;
}

/* Its place in the ring. */
static int slot_of(const mg_adversary *self, int age) {
  return (int)((*self->collected - 1 - age) % self->ring);
}

const mg_segment *mg_adversary_segment(const mg_adversary *self, int age) {
  return &self->segment[slot_of(self, age)];
}

static mg_real *pairs_of(const mg_adversary *self, int slot) {
  const size_t rows = (size_t)rows_of(&self->segment[slot]);
  return self->held_xa + (size_t)slot * rows * (size_t)self->width;
}

const mg_real *mg_adversary_pairs(const mg_adversary *self, int age) {
  return pairs_of(self, slot_of(self, age));
}

/* ---- pairs ---- */

/* xa [width] <- a state [S] and an action [A] as taken. */
static void make_pair(const mg_adversary *self, const mg_real *x, const mg_real *a, mg_real *xa) {
  const size_t S = (size_t)self->S;
  memcpy(xa, x, S * sizeof *xa);
  mg_real *to = xa + self->width - self->A;
  if (self->absorbing) xa[S] = 0;
  if (self->discrete) {
    memcpy(to, a, (size_t)self->A * sizeof *xa);
  } else {
    for (int i = 0; i < self->A; i++) {
      to[i] = (mg_real)(((double)a[i] - self->expert->actions.shift[i]) *
                        self->expert->actions.inverse[i]);
    }
  }
}

static void absorbing_pair(const mg_adversary *self, mg_real *xa) {
  mg_vec_fill((size_t)self->width, 0, xa);
  xa[self->S] = MG_ABSORBING_MARK;
}

/* What follows from a segment: its pairs, and how many terminations it has. */
static void derive(mg_adversary *self, int slot) {
  const mg_segment *s = &self->segment[slot];
  const size_t S = (size_t)self->S, A = (size_t)self->A;
  mg_real *xa = pairs_of(self, slot);
  self->ended[slot] = 0;
  for (size_t r = 0; r < (size_t)rows_of(s); r++) {
    make_pair(self, s->x + r * S, s->a + r * A, xa + r * (size_t)self->width);
    if (self->absorbing) self->ended[slot] += s->terminated[r];
  }
}

void mg_adversary_collected(mg_adversary *self) {
  ++*self->collected;
  derive(self, slot_of(self, 0));
}

/* Of the segments that D remembers. Rows of a segment are drawn alike, and behind them its
 * terminations. NULL: a termination. */
static const mg_real *draw_policy(const mg_adversary *self, mg_rng *rng) {
  const int held = mg_adversary_held(self), most = held < self->memory ? held : self->memory;
  const int k = slot_of(self, (int)mg_rng_below(rng, (uint64_t)most));
  const size_t rows = (size_t)rows_of(&self->segment[k]);
  const size_t r = mg_rng_below(rng, rows + (size_t)self->ended[k]);
  return r < rows ? pairs_of(self, k) + r * (size_t)self->width : NULL;
}

/* A kept pair stands for data.subsample of them, a terminated trajectory for one. */
static const mg_real *draw_expert(const mg_adversary *self, mg_rng *rng) {
  const uint64_t P = (uint64_t)self->expert->train.count;
  uint64_t weight = 1, ended = 0;
  if (self->absorbing) {
    weight = (uint64_t)self->settings->data.subsample;
    ended = (uint64_t)self->expert->terminated;
  }
  const uint64_t e = mg_rng_below(rng, P * weight + ended) / weight;
  return e < P ? self->expert_xa + e * (uint64_t)self->width : NULL;
}

static void put_pair(const mg_adversary *self, const mg_real *from, mg_real *xa) {
  if (from)
    memcpy(xa, from, (size_t)self->width * sizeof *xa);
  else
    absorbing_pair(self, xa);
}

/* The minibatch. Rows of a group are asked for before the first is read: few are in cache. */
static void draw_pairs(mg_adversary *self, mg_rng *rng) {
  enum { GROUP = 32, LINE = 64 / sizeof(mg_real) };
  const int B = self->batch, W = self->width;
  mg_real *policy = self->pairs, *expert = policy + (size_t)B * (size_t)W;
  for (int first = 0; first < B; first += GROUP) {
    const int group = B - first < GROUP ? B - first : GROUP;
    const mg_real *from[GROUP][2];
    for (int b = 0; b < group; b++) {
      from[b][0] = draw_policy(self, rng);
      for (int i = 0; from[b][0] && i < W; i += LINE) __builtin_prefetch(from[b][0] + i);
      from[b][1] = draw_expert(self, rng);
      self->mix[first + b] = (mg_real)mg_rng_uniform(rng);
    }
    for (int b = 0; b < group; b++, policy += W, expert += W) {
      put_pair(self, from[b][0], policy);
      put_pair(self, from[b][1], expert);
    }
  }
}

/* ---- one step of D ---- */

void mg_adversary_update(mg_adversary *self, mg_learner *learner, double rate, mg_rng *rng) {
  const mg_settings *s = self->settings;
  draw_pairs(self, rng);
  const mg_discriminator_loss loss = mg_discriminator_gradient(
      &self->discriminator, mg_learner_theta(learner, self->slice), self->pairs, self->mix,
      s->discriminator.penalty, s->discriminator.penalty_target, &self->work,
      mg_learner_zero_gradient(learner, self->slice));
  mg_learner_report(learner, MG_METRIC_D_GRADIENT, mg_learner_step(learner, self->slice, rate));
  mg_learner_report(learner, MG_METRIC_D_POLICY_LOSS, loss.policy);
  mg_learner_report(learner, MG_METRIC_D_EXPERT_LOSS, loss.expert);
  mg_learner_report(learner, MG_METRIC_D_PENALTY, loss.penalty);
  mg_learner_report(learner, MG_METRIC_D_POLICY_ACCURACY, loss.policy_accuracy);
  mg_learner_report(learner, MG_METRIC_D_EXPERT_ACCURACY, loss.expert_accuracy);
  learner->base.flops +=
      mg_discriminator_flops(&self->discriminator, self->batch, s->discriminator.penalty);
}

/* ---- what D says ---- */

/* work.logit <- of the pairs from `first` on, a block at most; returns how many. */
static int block_logits(mg_adversary *self, const mg_real *theta, const mg_real *xa, int rows,
                        int first) {
  const int most = self->work.tape.capacity, B = rows - first < most ? rows - first : most;
  mg_mlp_forward(&self->discriminator, B, theta, xa + (size_t)first * (size_t)self->width,
                 &self->work.tape, self->work.logit);
  return B;
}

void mg_adversary_rewards(mg_adversary *self, mg_reward_form form, const mg_real *theta,
                          mg_real *reward) {
  const int rows = rows_of(mg_adversary_segment(self, 0));
  const mg_real *xa = mg_adversary_pairs(self, 0);
  for (int first = 0, B; first < rows; first += B) {
    B = block_logits(self, theta, xa, rows, first);
    mg_reward_of(form, B, self->work.logit, reward + first, NULL);
  }
}

void mg_adversary_report_unseen(mg_adversary *self, mg_learner *learner) {
  const int rows = self->expert->validation.count;
  const mg_real *theta = mg_learner_theta(learner, self->slice);
  int told = 0;
  if (rows == 0) return;
  for (int first = 0, B; first < rows; first += B) {
    B = block_logits(self, theta, self->unseen_xa, rows, first);
    for (int b = 0; b < B; b++) told += self->work.logit[b] > 0;
  }
  learner->base.flops += mg_mlp_flops_forward(&self->discriminator, rows);
  mg_learner_report(learner, MG_METRIC_D_UNSEEN_ACCURACY, (double)told / rows);
}

double mg_adversary_absorbing_reward(mg_adversary *self, mg_reward_form form,
                                     const mg_real *theta) {
  mg_real reward;
  absorbing_pair(self, self->pairs);
  mg_mlp_forward(&self->discriminator, 1, theta, self->pairs, &self->work.tape, self->work.logit);
  mg_reward_of(form, 1, self->work.logit, &reward, NULL);
  return (double)reward;
}

/* ---- checkpoint ---- */

/* What is not the state before the next step. Packed into the memory of the pairs, which are derived anew. */
static void visit_after(mg_adversary *self, const mg_segment *held, const mg_learner *learner,
                        mg_archive *archive) {
  const int each = self->segment[0].steps;
  const bool loading = mg_archive_is_loading(archive);
  uint64_t K = mg_segment_after_most(held, each);
  mg_comm_reduce_u64(learner->comm, MG_REDUCE_MAX, &K, 1);
  if (!loading) mg_segment_after_pack(held, each, K, self->held_xa);
  mg_archive_divided(archive, "segments/after_x", MG_TYPE_REAL, self->held_xa, &learner->share, K,
                     (size_t)held->state_size);
  if (loading) mg_segment_after_unpack(held, each, K, self->held_xa);
}

/* The segments held, one behind the other; of a run's first iterations not more than there are. */
static void visit_segments(mg_adversary *self, const mg_learner *learner, mg_archive *archive) {
  const int steps = mg_adversary_held(self) * self->segment[0].steps;
  const mg_segment held = mg_segment_part(&self->held, 0, steps), *s = &held;
  const size_t S = (size_t)s->state_size, A = (size_t)s->action_size;
#define DIVIDED(name, type, entries)                                                               \
  mg_archive_divided(archive, "segments/" #name, type, s->name, &learner->share, (size_t)steps,    \
                     entries)
  DIVIDED(x, MG_TYPE_REAL, S);
  DIVIDED(a, MG_TYPE_REAL, A);
  if (self->discrete) DIVIDED(noise, MG_TYPE_REAL, A); /* else the action tells it */
  if (self->settings->value.kind == MG_VALUE_Q) DIVIDED(log_probability, MG_TYPE_REAL, 1);
  DIVIDED(terminated, MG_TYPE_U8, 1);
  DIVIDED(truncated, MG_TYPE_U8, 1);
  if (mg_archive_is_loading(archive) && mg_archive_has(archive, "segments/next_x"))
    DIVIDED(next_x, MG_TYPE_REAL, S); /* as releases before had it */
  else
    visit_after(self, s, learner, archive);
#undef DIVIDED
}

void mg_adversary_visit(mg_adversary *self, const mg_learner *learner, mg_archive *archive) {
  const size_t A = (size_t)self->A;
  mg_archive_shared(archive, "actions/shift", MG_TYPE_F64, self->expert->actions.shift, A);
  mg_archive_shared(archive, "actions/inverse", MG_TYPE_F64, self->expert->actions.inverse, A);
  mg_archive_shared(archive, "collected", MG_TYPE_I64, self->collected, 1);
  visit_segments(self, learner, archive); /* after `collected`, which says how many */
  for (int k = 0; k < mg_adversary_held(self); k++) derive(self, k);
}
