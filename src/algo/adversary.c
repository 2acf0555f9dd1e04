#include "algo/adversary.h"

#include "math/vec.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* ---- the expert ---- */

static mg_status normalise_pairs(mg_adversary *self, mg_arena *arena) {
  const mg_expert *expert = self->expert;
  const mg_pairs *pairs = &expert->train;
  const size_t P = (size_t)pairs->count, A = (size_t)self->A;
  const size_t d = (size_t)expert->states.raw_size, W = (size_t)self->width;
  self->expert_xa = MG_NEW(arena, mg_real, P * W); /* zeros: none is absorbing */
  MG_TRY(mg_arena_status(arena));
  for (size_t p = 0; p < P; p++) {
    mg_real *row = self->expert_xa + p * W;
    mg_normaliser_apply(&expert->states, 1, pairs->states + p * d, row);
    mg_normaliser_apply(&expert->actions, 1, pairs->actions + p * A, row + W - A);
  }
  return MG_OK;
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
  return normalise_pairs(self, context->arena);
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
  const int share = s->discriminator.batch / context->comm->size;
  self->batch = share > 0 ? share : 1;
  self->discriminator = mg_discriminator_make(
      self->width - self->A, self->A, s->discriminator.hidden.count, s->discriminator.hidden.width,
      (mg_activation)s->discriminator.activation);
  self->held = mg_segment_make(ring * steps, environments, self->S, self->A, arena);
  self->segment = MG_NEW(arena, mg_segment, (size_t)ring);
  for (int k = 0; mg_arena_status(arena) == MG_OK && k < ring; k++)
    self->segment[k] = mg_segment_part(&self->held, k * steps, steps);
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

/* Its place in the ring. */
static int slot_of(const mg_adversary *self, int age) {
  return (int)((*self->collected - 1 - age) % self->ring);
}

const mg_segment *mg_adversary_segment(const mg_adversary *self, int age) {
  return &self->segment[slot_of(self, age)];
}

/* ---- pairs ---- */

void mg_adversary_pair(const mg_adversary *self, const mg_real *x, const mg_real *a, mg_real *xa) {
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
  xa[self->S] = 1;
}

static int rows_of(const mg_segment *s) {
  return s->steps * s->environments;
}

static void count_terminations(mg_adversary *self) {
  for (int k = 0; self->absorbing && k < mg_adversary_held(self); k++) {
    self->ended[k] = 0;
    for (int r = 0; r < rows_of(&self->segment[k]); r++)
      self->ended[k] += self->segment[k].terminated[r];
  }
}

/* Of the segments that D remembers. Rows of a segment are drawn alike, and behind them its
 * terminations. */
static void draw_policy(const mg_adversary *self, mg_rng *rng, mg_real *xa) {
  const int held = mg_adversary_held(self), most = held < self->memory ? held : self->memory;
  const int k = slot_of(self, (int)mg_rng_below(rng, (uint64_t)most));
  const mg_segment *from = &self->segment[k];
  const size_t rows = (size_t)rows_of(from);
  const size_t r = mg_rng_below(rng, rows + (size_t)self->ended[k]);
  if (r < rows)
    mg_adversary_pair(self, from->x + r * (size_t)self->S, from->a + r * (size_t)self->A, xa);
  else
    absorbing_pair(self, xa);
}

/* A kept pair stands for data.subsample of them, a terminated trajectory for one. */
static void draw_expert(const mg_adversary *self, mg_rng *rng, mg_real *xa) {
  const uint64_t P = (uint64_t)self->expert->train.count, W = (uint64_t)self->width;
  uint64_t weight = 1, ended = 0;
  if (self->absorbing) {
    weight = (uint64_t)self->settings->data.subsample;
    ended = (uint64_t)self->expert->terminated;
  }
  const uint64_t e = mg_rng_below(rng, P * weight + ended) / weight;
  if (e < P)
    memcpy(xa, self->expert_xa + e * W, W * sizeof *xa);
  else
    absorbing_pair(self, xa);
}

/* ---- one step of D ---- */

void mg_adversary_update(mg_adversary *self, mg_learner *learner, double rate, mg_rng *rng) {
  const mg_settings *s = self->settings;
  const size_t B = (size_t)self->batch, W = (size_t)self->width;
  count_terminations(self);
  for (size_t b = 0; b < B; b++) {
    draw_policy(self, rng, self->pairs + b * W);
    draw_expert(self, rng, self->pairs + (B + b) * W);
    self->mix[b] = (mg_real)mg_rng_uniform(rng);
  }
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

/* ---- rewards ---- */

void mg_adversary_rewards(mg_adversary *self, mg_reward_form form, const mg_real *theta,
                          const mg_segment *segment, mg_real *reward) {
  const int rows = rows_of(segment), most = self->work.tape.capacity;
  const size_t S = (size_t)self->S, A = (size_t)self->A, W = (size_t)self->width;
  for (int first = 0; first < rows; first += most) {
    const int B = rows - first < most ? rows - first : most;
    for (int b = 0; b < B; b++) {
      const size_t r = (size_t)(first + b);
      mg_adversary_pair(self, segment->x + r * S, segment->a + r * A, self->pairs + (size_t)b * W);
    }
    mg_mlp_forward(&self->discriminator, B, theta, self->pairs, &self->work.tape, self->work.logit);
    mg_reward_of(form, B, self->work.logit, reward + first, NULL);
  }
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

/* The segments held, one behind the other; of a run's first iterations not more than there are. */
static void visit_segments(mg_adversary *self, mg_archive *archive) {
  const mg_segment *s = &self->held;
  const size_t R = (size_t)mg_adversary_held(self) * (size_t)rows_of(&self->segment[0]),
               S = (size_t)s->state_size, A = (size_t)s->action_size;
  mg_archive_local(archive, "segments/x", MG_TYPE_REAL, s->x, R * S);
  mg_archive_local(archive, "segments/next_x", MG_TYPE_REAL, s->next_x, R * S);
  mg_archive_local(archive, "segments/a", MG_TYPE_REAL, s->a, R * A);
  mg_archive_local(archive, "segments/noise", MG_TYPE_REAL, s->noise, R * A);
  mg_archive_local(archive, "segments/terminated", MG_TYPE_U8, s->terminated, R);
  mg_archive_local(archive, "segments/truncated", MG_TYPE_U8, s->truncated, R);
}

void mg_adversary_visit(mg_adversary *self, mg_archive *archive) {
  const size_t A = (size_t)self->A;
  mg_archive_shared(archive, "actions/shift", MG_TYPE_F64, self->expert->actions.shift, A);
  mg_archive_shared(archive, "actions/inverse", MG_TYPE_F64, self->expert->actions.inverse, A);
  mg_archive_local(archive, "collected", MG_TYPE_I64, self->collected, 1);
  visit_segments(self, archive); /* after `collected`, which says how many */
}
