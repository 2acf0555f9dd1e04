#include "algo/algorithm.h"
#include "app/bench/bench.h"
#include "app/bench/bench_algorithm.h"
#include "base/timer.h"
#include "nn/mlp.h"

#include <math.h>

enum { NETS = 3 };

/* One forward and backward pass of a network of the run's kind, in blocks of rows as training goes. */
typedef struct net_bench {
  char name[48];
  mg_mlp net;
  int B;
  mg_mlp_tape tape;
  mg_real *theta, *dtheta, *x, *y, *dx;
  double flops;
  mg_samples rate, ratio;
} net_bench;

static void make_net(net_bench *b, const char *name, int in, const mg_layers *hidden, int out,
                     int activation, int B, mg_arena *arena) {
  b->net = mg_mlp_make(in, hidden->count, hidden->width, out, (mg_activation)activation);
  b->B = B;
  snprintf(b->name, sizeof b->name, "%s %d-..-%d, B = %d, both ways", name, in, out, B);
  b->tape = mg_mlp_tape_make(&b->net, mg_mlp_block(B, 0), arena);
  size_t n = mg_mlp_size(&b->net), rows = (size_t)B;
  b->theta = MG_NEW(arena, mg_real, n);
  b->dtheta = MG_NEW(arena, mg_real, n);
  b->x = MG_NEW(arena, mg_real, rows * (size_t)in);
  b->dx = MG_NEW(arena, mg_real, rows * (size_t)in);
  b->y = MG_NEW(arena, mg_real, rows * (size_t)out);
  if (mg_arena_status(arena) != MG_OK) return;
  mg_rng rng = mg_rng_at(1, MG_RNG_BENCH, 0, 0);
  mg_mlp_init_normal(&b->net, 1, &rng, b->theta);
  for (size_t i = 0; i < rows * (size_t)in; i++) b->x[i] = (mg_real)mg_rng_normal(&rng);
  b->flops = mg_mlp_flops_forward(&b->net, B) + mg_mlp_flops_backward_input(&b->net, B, 1) +
             mg_mlp_flops_backward_theta(&b->net, B);
}

static void round_net(net_bench *b, double product_rate) {
  double began = mg_bench_now();
  for (int first = 0; first < b->B; first += MG_MLP_BLOCK) {
    const int rows = mg_mlp_block(b->B, first);
    const size_t at = (size_t)first * (size_t)b->net.width[0];
    mg_mlp_forward(&b->net, rows, b->theta, b->x + at, &b->tape, b->y);
    mg_mlp_backward(&b->net, rows, b->theta, &b->tape, b->y, b->dtheta, b->dx + at);
  }
  double rate = b->flops / (mg_bench_now() - began);
  mg_samples_push(&b->rate, rate);
  mg_samples_push(&b->ratio, rate / product_rate);
}

static void make_nets(net_bench *nets, const mg_settings *s, int S, int A, mg_arena *arena) {
  int rows = s->mgail.horizon * s->run.environments * s->mgail.segments;
  make_net(&nets[0], "policy", S, &s->policy.hidden, A, s->policy.activation, rows, arena);
  make_net(&nets[1], "discriminator", S + A, &s->discriminator.hidden, 1,
           s->discriminator.activation, s->discriminator.batch, arena);
  make_net(&nets[2], "forward model", S + A, &s->forward_model.hidden, S,
           s->forward_model.activation, s->forward_model.batch, arena);
}

mg_status mg_bench_update(const mg_bench *bench, mg_bench_result *result) {
  mg_comm *comm = bench->app->comm;
  mg_bench_product product;
  mg_algorithm *algorithm = NULL;
  MG_TRY(mg_comm_agree(comm, mg_bench_product_make(bench->arena, &product)));
  MG_TRY(mg_bench_algorithm_create(bench, &algorithm));
  net_bench *nets = MG_NEW(bench->arena, net_bench, NETS);
  mg_samples *samples = MG_NEW(bench->arena, mg_samples, 5);
  mg_status status = mg_arena_status(bench->arena);
  if (status == MG_OK) {
    make_nets(nets, bench->settings, algorithm->policy.state_size, algorithm->policy.action_size,
              bench->arena);
    status = mg_arena_status(bench->arena);
  }
  status = mg_comm_agree(comm, status);
  double began = mg_timer_now();
  for (; status == MG_OK && mg_bench_goes_on(bench, began, result->rounds); result->rounds++) {
    double product_rate = mg_bench_product_rate(&product), flops = algorithm->flops;
    mg_samples_push(&samples[0], product_rate);
    for (int k = 0; k < NETS; k++) round_net(&nets[k], product_rate);
    mg_metrics r;
    double wall = mg_timer_now(), own = mg_bench_now();
    mg_status iterated = mg_algorithm_iterate(algorithm, &r);
    /* The algorithm's own clock is the wall's: the thread's share of it makes processor time. */
    double share = (mg_bench_now() - own) / (mg_timer_now() - wall);
    status = mg_comm_agree(comm, iterated);
    double seconds = share * r.value[MG_METRIC_SECONDS_UPDATE];
    double rate = (algorithm->flops - flops) / seconds;
    mg_samples_push(&samples[1], rate);
    mg_samples_push(&samples[2], rate / product_rate);
    mg_samples_push(&samples[3], seconds);
    mg_samples_push(&samples[4], algorithm->flops - flops);
  }
  if (status == MG_OK) {
    double product_rate = mg_samples_median(&samples[0]) / 1e9;
    result->title =
        "updates, floating-point operations in matrix products, per second of processor time";
    result->bare = "one product of 512 x 512 matrices in float32";
    for (int k = 0; k < NETS; k++) {
      mg_bench_add(result, "GFLOP/s", mg_samples_median(&nets[k].rate) / 1e9, product_rate,
                   mg_samples_median(&nets[k].ratio), "%s", nets[k].name);
    }
    mg_bench_add(result, "GFLOP/s", mg_samples_median(&samples[1]) / 1e9, product_rate,
                 mg_samples_median(&samples[2]), "%s, all updates of an iteration",
                 algorithm->class_->name);
    mg_bench_add(result, "ms", 1e3 * mg_samples_median(&samples[3]), NAN, NAN,
                 "of these, processor time of an iteration");
    mg_bench_add(result, "GFLOP", mg_samples_median(&samples[4]) / 1e9, NAN, NAN,
                 "of these, products of an iteration");
  }
  mg_algorithm_destroy(algorithm);
  return status;
}
