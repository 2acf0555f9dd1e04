/* Exports: every format does what the policy does, for all activations and both kinds of action. */
#include "app/config/config_table.h"
#include "app/export/export.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const mg_export_format *const FORMATS[] = {
    &mg_export_h5, &mg_export_npz, &mg_export_safetensors, &mg_export_onnx, &mg_export_c};
enum { FORMATS_COUNT = 5, HIDDEN = 2 };

static void setup(void) {
  scratch_make();
}

TestSuite(export, .init = setup, .fini = scratch_remove);

static bool exists(const char *path) {
  struct stat info;
  return lstat(path, &info) == 0;
}

/* A policy of a task that sees all but the first entry, with random parameters. */
static void make(mg_acting_file *f, const char *env_id, mg_activation activation, double limit) {
  static double mean[8], sd[8];
  static const int hidden[HIDDEN] = {12, 7};
  memset(f, 0, sizeof *f);
  mg_env *env;
  cr_assert(mg_env_create(env_id, &env) == MG_OK, "%s", mg_status_message());
  f->spec = *mg_env_get_spec(env);
  mg_env_destroy(env);
  f->arena = mg_arena_create();
  f->settings = mg_config_defaults();
  f->parameters = "raw";
  snprintf(f->header.env, sizeof f->header.env, "%s", env_id);
  snprintf(f->header.algorithm, sizeof f->header.algorithm, "ppo");
  mg_config_to_text(&f->settings, f->header.config);
  const int d = f->spec.observation_size;
  int64_t observed[16];
  for (int j = 0; j < d - 1; j++) observed[j] = j + 1;
  mg_rng rng = mg_rng_at(3, MG_RNG_EVALUATE_ACTION, 0, 0);
  mg_normaliser *n = &f->acting.normaliser;
  *n = mg_normaliser_make_of(d, d - 1, observed, 1e-8, limit, f->arena);
  for (int j = 0; j < d - 1; j++) {
    n->shift[j] = 0.1 * mg_rng_normal(&rng);
    n->inverse[j] = 1 + 0.5 * mg_rng_uniform(&rng);
  }
  for (int i = 0; i < 8; i++) mean[i] = 0.25 * i, sd[i] = 1 + 0.5 * i;
  f->acting.policy = mg_policy_make(d - 1, f->spec.action_size, f->spec.discrete, HIDDEN, hidden,
                                    activation, mean, sd);
  const size_t size = mg_policy_size(&f->acting.policy);
  f->acting.theta = MG_NEW(f->arena, mg_real, size);
  mg_policy_init(&f->acting.policy, -0.5, &rng, f->acting.theta);
  for (size_t i = 0; i < size; i++) f->acting.theta[i] += (mg_real)(0.2 * mg_rng_normal(&rng));
  f->theta = f->acting.theta;
  cr_assert(mg_arena_status(f->arena) == MG_OK);
}

Test(export, acts_as_the_policy_does) {
  static const char *const tasks[] = {"Hopper-v4", "CartPole-v1"};
  mg_acting_file file;
  for (int t = 0; t < 2; t++) {
    for (int f = MG_IDENTITY; f <= MG_SIGMOID; f++) {
      make(&file, tasks[t], (mg_activation)f, f % 2 ? 2 : 0);
      for (int k = 0; k < FORMATS_COUNT; k++) {
        double difference = NAN;
        char name[64];
        snprintf(name, sizeof name, "p%d%d%s", t, f, FORMATS[k]->ending);
        const char *path = scratch_path(name);
        const mg_status status = mg_export_write(FORMATS[k], &file, path, &difference);
        cr_assert(status == MG_OK, "%s %d: %s", tasks[t], f, mg_status_message());
        cr_assert((k > 0 || difference == 0) && difference < 1e-4 && exists(path), "%s: %g", name,
                  difference);
      }
      mg_acting_file_close(&file);
    }
  }
}

/* Each number of a file matters: with one of them changed the check does not pass. */
Test(export, another_policy_is_not_taken_for_it) {
  mg_acting_file file;
  make(&file, "Hopper-v4", MG_TANH, 2);
  const int d = file.spec.observation_size, A = file.spec.action_size;
  double states[11] = {0.1, 0.2, -0.3, 0.4, 0.5, 0.6, -0.7, 0.8, 0.9, -1, 1.1};
  double heads[8], sigma[8], others[8], other_sigma[8];
  const mg_portable_states s = {1, d, A, states};
  mg_portable p;
  cr_assert(mg_portable_make(&file, &p) == MG_OK);
  cr_assert(mg_portable_act(&p, "p", &s, heads, sigma) == MG_OK);
  for (int i = 0; i < p.arrays; i++) {
    if (strcmp(p.array[i].name, "observation_limit") == 0) continue; /* none is that far */
    double *value = &p.array[i].values[0], before = *value;
    *value = strcmp(p.array[i].name, "observed") == 0 ? 0 : before + 1;
    cr_assert(mg_portable_act(&p, "p", &s, others, other_sigma) == MG_OK);
    *value = before;
    double difference = 0;
    for (int j = 0; j < A; j++)
      difference += fabs(heads[j] - others[j]) + fabs(sigma[j] - other_sigma[j]);
    cr_assert(difference > 1e-4, "%s does not matter: %g", p.array[i].name, difference);
  }
  mg_acting_file_close(&file);
}

/* What a file tells is read again, not remembered: bytes that are changed change what it does, or are
 * found. */
Test(export, the_check_reads_the_file) {
  mg_acting_file file;
  make(&file, "Hopper-v4", MG_SWISH, 2);
  mg_export e = {.file = &file, .output = "p"};
  cr_assert(mg_portable_make(&file, &e.policy) == MG_OK);
  double states[11] = {0.1, 0.2, -0.3, 0.4, 0.5, 0.6, -0.7, 0.8, 0.9, -1, 1.1};
  double heads[8], sigma[8], others[8], other_sigma[8];
  const mg_portable_states s = {1, file.spec.observation_size, file.spec.action_size, states};
  for (int k = 0; k < FORMATS_COUNT; k++) {
    const mg_export_format *format = FORMATS[k];
    const char *path = scratch_path(format->name), *beside = scratch_path("beside");
    cr_assert(format->write(&e, path, format->second ? beside : NULL) == MG_OK);
    cr_assert(format->act(&e, path, &s, heads, sigma) == MG_OK, "%s", mg_status_message());
    /* The middle of a file is in the weights: a digit, or a byte of every rank of a float64. */
    size_t size;
    unsigned char *bytes = file_read(path, &size);
    size_t at = size / 2;
    while (format == &mg_export_c && bytes[at] != '.') at++;
    for (size_t i = 1; i <= (format == &mg_export_c ? 1 : sizeof(double)); i++) bytes[at + i] ^= 1;
    cr_assert(file_write(path, bytes, size));
    double difference = 0;
    const mg_status status = format->act(&e, path, &s, others, other_sigma);
    for (int j = 0; status == MG_OK && j < 3; j++) difference += fabs(heads[j] - others[j]);
    cr_assert(status == MG_ERR_DATA || difference > 0, "%s: a changed byte does nothing",
              format->name);
    cr_assert(file_write(path, bytes, size / 3));
    cr_assert(format->act(&e, path, &s, others, other_sigma) == MG_ERR_DATA, "%s: cut",
              format->name);
    free(bytes);
  }
  mg_acting_file_close(&file);
}

static mg_status act_nearly(const mg_export *e, const char *path, const mg_portable_states *states,
                            double *heads, double *sigma) {
  MG_TRY(mg_export_npz.act(e, path, states, heads, sigma));
  heads[states->n * states->actions - 1] += 1e-3;
  return MG_OK;
}

Test(export, a_file_that_acts_otherwise_gets_no_name) {
  mg_acting_file file;
  double difference;
  make(&file, "Hopper-v4", MG_TANH, 2);
  mg_export_format format = mg_export_npz;
  format.act = act_nearly;
  const mg_status status = mg_export_write(&format, &file, scratch_path("x.npz"), &difference);
  cr_assert(status == MG_ERR_INTERNAL && strstr(mg_status_message(), "acts otherwise"), "%s",
            mg_status_message());
  cr_assert(scratch_count() == 0);
  mg_acting_file_close(&file);
}

Test(export, a_policy_without_numbers_is_refused) {
  mg_acting_file file;
  double difference;
  make(&file, "CartPole-v1", MG_TANH, 0);
  file.acting.theta[3] = (mg_real)NAN;
  for (int k = 0; k < FORMATS_COUNT; k++) {
    const char *path = scratch_path(FORMATS[k]->second ? "x.c" : "x");
    const mg_status status = mg_export_write(FORMATS[k], &file, path, &difference);
    cr_assert(status == MG_ERR_DATA && !exists(path), "%s: %d: %s", FORMATS[k]->name, status,
              mg_status_message());
  }
  mg_acting_file_close(&file);
  cr_assert(scratch_count() == 0);
}

/* A full disk, as far as a limit may stand for one: a sentence, and no file. */
Test(export, leaves_nothing_where_it_cannot_write) {
  mg_acting_file file;
  double difference;
  make(&file, "Hopper-v4", MG_TANH, 0);
  const struct rlimit small = {1024, 1024};
  signal(SIGXFSZ, SIG_IGN);
  cr_assert(setrlimit(RLIMIT_FSIZE, &small) == 0);
  for (int k = 0; k < FORMATS_COUNT; k++) {
    const char *path = scratch_path(FORMATS[k]->second ? "x.c" : "x");
    const mg_status status = mg_export_write(FORMATS[k], &file, path, &difference);
    cr_assert(status == MG_ERR_IO || status == MG_ERR_CREATE, "%s: %d", FORMATS[k]->name, status);
    cr_assert(strstr(mg_status_message(), "/x"), "%s", mg_status_message());
  }
  mg_acting_file_close(&file);
  cr_assert(scratch_count() == 0);
}

Test(export, format_by_name_or_ending) {
  const mg_export_format *format;
  cr_assert(mg_export_format_find(NULL, "a/b.onnx", &format) == MG_OK && format == &mg_export_onnx);
  cr_assert(mg_export_format_find(NULL, "a/b.h5", &format) == MG_OK && format == &mg_export_h5);
  cr_assert(mg_export_format_find(NULL, "onnx", &format) == MG_OK && format == &mg_export_h5);
  cr_assert(mg_export_format_find("npz", "b.onnx", &format) == MG_OK && format == &mg_export_npz);
  cr_assert(mg_export_format_find(NULL, "a.b/c", &format) == MG_OK && format == &mg_export_h5);
  cr_assert(mg_export_format_find(NULL, "a.hdf5", &format) == MG_OK && format == &mg_export_h5);
  cr_assert(mg_export_format_find("h5", "a.pkl", &format) == MG_OK && format == &mg_export_h5);
  cr_assert(mg_export_format_find(NULL, "a.pkl", &format) == MG_ERR_USAGE);
  cr_assert(mg_export_format_find(NULL, "b/a.ONNX", &format) == MG_ERR_USAGE);
  cr_assert(mg_export_format_find("zip", "b", &format) == MG_ERR_USAGE);
  cr_assert(mg_export_format_find("c", "b", &format) == MG_ERR_USAGE);
}
