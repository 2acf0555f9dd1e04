#include "demos/played.h"

#include "support/dataset_fixture.h"
#include "support/h5_craft.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(played, .init = dataset_setup, .fini = dataset_teardown);

static const mg_dataset_task task = {
    .env_id = "Task-v0", .observation_size = CRAFT_OBSERVATION, .action_size = CRAFT_ACTION};
enum { QPOS = 3 };

/* Two episodes of CRAFT_STEPS steps, the second with id 5; infos/qpos of the first as asked for. */
static const char *make(hid_t type, hsize_t rows, hsize_t columns) {
  const char *path = scratch_path("data.h5");
  hid_t file = craft_file(path);
  craft_episode(file, 1, 5, CRAFT_STEPS, 2);
  if (rows > 0) {
    hid_t episode = H5Gopen2(file, "episode_0", H5P_DEFAULT);
    hid_t infos = H5Gcreate2(episode, "infos", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    craft_array(infos, "qpos", type, rows, columns, 0);
    H5Gclose(infos);
    H5Gclose(episode);
  }
  H5Fclose(file);
  return path;
}

static mg_played read(const char *path, int64_t k) {
  mg_played p;
  cr_assert_eq(mg_played_read(path, k, &task, QPOS, arena, &p), MG_OK, "%s", mg_status_message());
  return p;
}

Test(played, one_episode_of_the_file) {
  const mg_played p = read(make(0, 0, 0), 1);
  cr_expect_eq(p.available, 2);
  cr_expect_eq(p.trajectory.id, 5);
  cr_expect_eq(p.trajectory.steps, CRAFT_STEPS);
  cr_expect_eq(p.trajectory.rewards[CRAFT_STEPS - 1], 2);
  cr_expect(p.trajectory.terminated && p.final_observation && p.rewards);
  cr_expect_eq(p.states, 0);
}

Test(played, states_where_the_file_has_them) {
  const hid_t types[] = {H5T_IEEE_F64LE, H5T_IEEE_F32LE};
  for (int i = 0; i < 2; i++)
    for (hsize_t rows = CRAFT_STEPS; rows <= CRAFT_STEPS + 1; rows++) {
      const mg_played p = read(make(types[i], rows, QPOS), 0);
      cr_assert_eq(p.states, (int64_t)rows);
      for (int k = 0; k < (int)rows * QPOS; k++) cr_expect_eq(p.qpos[k], 0.5 * k);
    }
}

Test(played, what_is_no_row_of_states_is_passed_over) {
  cr_expect_eq(read(make(H5T_IEEE_F64LE, CRAFT_STEPS, QPOS + 1), 0).states, 0);
  cr_expect_eq(read(make(H5T_IEEE_F64LE, CRAFT_STEPS + 2, QPOS), 0).states, 0);
  cr_expect_eq(read(make(H5T_STD_I32LE, CRAFT_STEPS, QPOS), 0).states, 0);
}

Test(played, what_cannot_be_played) {
  mg_played p;
  const char *path = make(0, 0, 0);
  cr_expect_eq(mg_played_read(path, 2, &task, QPOS, arena, &p), MG_ERR_USAGE);
  cr_expect(strstr(mg_status_message(), "expected 0 to 1"), "%s", mg_status_message());
  mg_dataset_task other = task;
  other.observation_size = 7;
  cr_expect_eq(mg_played_read(path, 0, &other, QPOS, arena, &p), MG_ERR_DATA);
  cr_expect_eq(mg_played_read(scratch_path("no.h5"), 0, &task, QPOS, arena, &p), MG_ERR_NO_INPUT);
  cr_assert(file_write(path, "no HDF5", 7));
  cr_expect_eq(mg_played_read(path, 0, &task, QPOS, arena, &p), MG_ERR_DATA);
}
