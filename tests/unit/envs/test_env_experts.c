/* Published demonstrations, step by step: the recorded actions, from the recorded first state, give
 * the recorded rewards, observations and ends to the last bit. */
#include "envs/env.h"

#include <criterion/criterion.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *shared(void) {
  const char *folder = getenv("MGAIL_SHARED");
  return folder ? folder : MG_SHARED_DIR;
}

/* A dataset as doubles; *columns gets those of the second dimension, or 1. */
static double *read_array(hid_t file, int episode, const char *name, hsize_t *rows,
                          hsize_t *columns) {
  char path[64];
  snprintf(path, sizeof path, "episode_%d/%s", episode, name);
  hid_t data = H5Dopen(file, path, H5P_DEFAULT);
  cr_assert(data >= 0, "%s is missing", path);
  hid_t space = H5Dget_space(data), type = H5Dget_type(data);
  hsize_t dims[2] = {1, 1};
  H5Sget_simple_extent_dims(space, dims, NULL);
  double *values = calloc(dims[0] * dims[1], sizeof *values);
  if (H5Tget_class(type) == H5T_ENUM) { /* HDF5 converts no enumeration to numbers */
    int8_t *bytes = malloc(dims[0]);
    cr_assert(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) >= 0);
    for (hsize_t i = 0; i < dims[0]; i++) values[i] = bytes[i];
    free(bytes);
  } else {
    cr_assert(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  }
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(data);
  *rows = dims[0], *columns = dims[1];
  return values;
}

static int count_episodes(hid_t file) {
  int n = 0;
  for (char name[32];; n++) {
    snprintf(name, sizeof name, "episode_%d", n);
    if (H5Lexists(file, name, H5P_DEFAULT) <= 0) return n;
  }
}

static void replay(mg_env *env, hid_t file, int k) {
  const mg_env_spec *spec = mg_env_get_spec(env);
  hsize_t T, rows, d, m, n, one;
  double *observations = read_array(file, k, "observations", &rows, &d);
  double *actions = read_array(file, k, "actions", &T, &m);
  double *rewards = read_array(file, k, "rewards", &T, &one);
  double *terminated = read_array(file, k, "terminations", &T, &one);
  double *truncated = read_array(file, k, "truncations", &T, &one);
  double *qpos = read_array(file, k, spec->qvel_size ? "infos/qpos" : "infos/state", &rows, &n);
  double *qvel = spec->qvel_size ? read_array(file, k, "infos/qvel", &rows, &n) : NULL;
  cr_assert_eq(d, (hsize_t)spec->observation_size);
  double *observation = calloc(d, sizeof *observation);
  mg_env_reset_to(env, qpos, qvel, observation);
  for (hsize_t t = 0; t < T; t++) {
    mg_env_outcome o = mg_env_step(env, actions + t * m, observation);
    cr_assert(o.reward == rewards[t], "%s, episode %d, step %d: reward %.17g, recorded %.17g",
              spec->id, k, (int)t, o.reward, rewards[t]);
    cr_assert_eq(o.terminated, terminated[t] != 0, "%s, episode %d, step %d", spec->id, k, (int)t);
    cr_assert_eq(o.truncated, truncated[t] != 0, "%s, episode %d, step %d", spec->id, k, (int)t);
    for (hsize_t i = 0; i < d; i++) {
      double recorded = observations[(t + 1) * d + i];
      /* Gymnasium's classic tasks return float32. */
      double got = spec->discrete ? (double)(float)observation[i] : observation[i];
      cr_assert(got == recorded, "%s, episode %d, step %d: observation %d is %.17g, recorded %.17g",
                spec->id, k, (int)t, (int)i, got, recorded);
    }
  }
  double *arrays[] = {observations, actions, rewards, terminated,
                      truncated,    qpos,    qvel,    observation};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
}

static void replay_file(const char *name, const char *env_id) {
  char path[1024];
  snprintf(path, sizeof path, "%s/experts/%s", shared(), name);
  if (access(path, R_OK) != 0) cr_skip_test("%s is not there", path);
  mg_env *env = NULL;
  cr_assert_eq(mg_env_create(env_id, &env), MG_OK, "%s", mg_status_message());
  if (mg_env_get_spec(env)->qvel_size && strcmp(mg_env_simulator(), "MuJoCo 3.3.7") != 0) {
    mg_env_destroy(env);
    cr_skip_test("recorded with MuJoCo 3.3.7, this is %s", mg_env_simulator());
  }
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  cr_assert(file >= 0);
  int episodes = count_episodes(file);
  cr_assert_geq(episodes, 15);
  for (int k = 0; k < episodes; k++) replay(env, file, k);
  H5Fclose(file);
  mg_env_destroy(env);
}

Test(replay_experts, cartpole) {
  replay_file("cartpole-v0.h5", "CartPole-v0");
}
Test(replay_experts, mountain_car) {
  replay_file("mountaincar-v0.h5", "MountainCar-v0");
}
Test(replay_experts, hopper) {
  replay_file("hopper-v4.h5", "Hopper-v4");
}
Test(replay_experts, walker2d) {
  replay_file("walker2d-v4-det.h5", "Walker2d-v4");
}
Test(replay_experts, ant) {
  replay_file("ant-v4.h5", "Ant-v4");
}
