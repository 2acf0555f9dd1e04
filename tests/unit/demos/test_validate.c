/* Every problem of a file is told, each in a sentence. */
#include "demos/judge/validate.h"

#include "support/h5_craft.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void setup(void) {
  scratch_make();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

TestSuite(validate, .init = setup, .fini = scratch_remove);

static const double LOW[] = {-1}, HIGH[] = {0.75};
static const mg_dataset_task TASK = {.env_id = "T-v0",
                                     .observation_size = 2,
                                     .action_size = 1,
                                     .max_steps = 5,
                                     .action_low = LOW,
                                     .action_high = HIGH};

typedef struct heard {
  char text[16384];
  int problems, remarks;
} heard;

static void hear(void *user, mg_note_kind kind, const char *name, const char *text) {
  (void)name;
  heard *h = user;
  h->problems += kind == MG_NOTE_PROBLEM;
  h->remarks += kind == MG_NOTE_REMARK;
  if (kind != MG_NOTE_FACT) {
    size_t length = strlen(h->text);
    snprintf(h->text + length, sizeof h->text - length, "%s%s\n",
             kind == MG_NOTE_REMARK ? "remark: " : "", text);
  }
}

static heard validate(const char *path, const mg_dataset_task *task) {
  heard h = {.problems = 0};
  int64_t problems = -1;
  mg_status status = mg_dataset_validate(path, task, hear, &h, &problems);
  cr_assert(status == MG_OK, "%s", mg_status_message());
  cr_assert(problems == h.problems, "%ld problems", (long)problems);
  return h;
}

static void assert_heard(const heard *h, int problems, const char *const *words) {
  for (; *words; words++)
    cr_assert(strstr(h->text, *words), "'%s' is not in:\n%s", *words, h->text);
  cr_assert(h->problems == problems, "%d problems, expected %d:\n%s", h->problems, problems,
            h->text);
}

static const char *craft(void) {
  static const char metadata[] = "{\"total_episodes\": 4, \"total_steps\": 15}";
  const char *path = scratch_path("set.h5");
  hid_t file = craft_file(path);
  for (int k = 1; k < 4; k++) craft_episode(file, k, k, 4, 1);
  H5Fclose(file);
  cr_assert(file_write(scratch_path("set.metadata.json"), metadata, strlen(metadata)));
  return path;
}

static void add_number(hid_t object, const char *name, double value) {
  hid_t space = H5Screate(H5S_SCALAR);
  hid_t a = H5Acreate2(object, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(a, H5T_NATIVE_DOUBLE, &value);
  H5Aclose(a), H5Sclose(space);
}

Test(validate, a_good_file_is_valid) {
  heard h = validate(craft(), &TASK);
  assert_heard(&h, 0,
               (const char *const[]){"remark: names no task",
                                     "remark: 46.7 % of the actions' entries are outside of the "
                                     "task's box, from 0 to 1.5",
                                     NULL});
}

Test(validate, all_problems_of_a_file_are_told) {
  const char *path = craft();
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  hid_t e = H5Gopen2(file, "episode_0", H5P_DEFAULT);
  craft_array(e, "observations", H5T_IEEE_F64LE, 7, CRAFT_OBSERVATION, 0);
  craft_array(e, "rewards", H5T_IEEE_F64LE, 2, 0, 0);
  H5Gclose(e);
  e = H5Gopen2(file, "episode_1", H5P_DEFAULT);
  craft_values(e, "observations", H5T_IEEE_F64LE, 5, 2,
               (double[]){0, 0, 0, NAN, 0, 0, INFINITY, 0, 0, 0});
  craft_values(e, "rewards", H5T_IEEE_F64LE, 4, 0, (double[]){1, 1, NAN, 1});
  craft_values(e, "terminations", H5T_STD_I8LE, 4, 0, (double[]){1, 0, 0, 0});
  craft_values(e, "truncations", H5T_STD_I8LE, 4, 0, (double[]){0, 1, 1, 0});
  H5Gclose(e);
  e = H5Gopen2(file, "episode_2", H5P_DEFAULT);
  add_number(e, "total_reward", 5);
  H5Ldelete(e, "truncations", H5P_DEFAULT);
  H5Gclose(e);
  e = H5Gopen2(file, "episode_3", H5P_DEFAULT);
  craft_id(e, 9);
  H5Gclose(e);
  craft_episode(file, 12, 12, 6, 1);
  add_number(file, "total_steps", 99);
  H5Fclose(file);
  heard h = validate(path, &TASK);
  assert_heard(&h, 12,
               (const char *const[]){
                   "episode_0/observations has 7 rows and actions 3; expected one more",
                   "episode_0/rewards has 2 rows, actions has 3",
                   "episode_1/observations[1,1] is not a number; expected a finite number (the "
                   "first of 2)",
                   "episode_1/rewards[2] is not a number",
                   "episode_1/terminations[0] is set before the episode's end (1 is so)",
                   "episode_1/truncations[1] is set before the episode's end (2 are so)",
                   "episode_2/truncations is missing",
                   "episode_2: its rewards sum to 4, its attribute total_reward says 5",
                   "the ids of the episodes are not 0, 1, 2, ...: episode_3 has 9 where 3 was "
                   "expected (2 gaps)",
                   "the attribute total_steps is 99; the file has 21",
                   "the metadata's total_episodes is 4; the file has 5",
                   "the metadata's total_steps is 15; the file has 21",
                   "remark: 1 episode is longer than the task's time limit of 5", NULL});
}

Test(validate, missing_metadata_and_another_task) {
  const char *path = craft();
  unlink(scratch_path("set.metadata.json"));
  mg_dataset_task other = TASK;
  other.observation_size = 11, other.action_size = 3;
  heard h = validate(path, &other);
  assert_heard(&h, 3,
               (const char *const[]){"observations have 2 entries; expected 11, as T-v0 has",
                                     "actions have 1 entries; expected 3, as T-v0 has",
                                     "there is no metadata beside it", NULL});
}

Test(validate, choices_of_a_discrete_task) {
  const char *path = craft();
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  for (int k = 0; k < 4; k++) {
    char name[32];
    snprintf(name, sizeof name, "episode_%d", k);
    hid_t e = H5Gopen2(file, name, H5P_DEFAULT);
    craft_values(e, "actions", H5T_STD_I64LE, k ? 4 : 3, 0, (double[]){0, 1, k == 2 ? 7 : 2, 0});
    H5Gclose(e);
  }
  H5Fclose(file);
  const mg_dataset_task task = {
      .env_id = "D-v0", .observation_size = 2, .action_size = 3, .discrete = true};
  heard h = validate(path, &task);
  assert_heard(&h, 1, (const char *const[]){"episode_2: action 2 is 7; expected 0..2", NULL});
}

Test(validate, what_cannot_be_opened_is_one_problem) {
  const char *path = scratch_path("text.h5");
  cr_assert(file_write(path, "hello", 5));
  heard h = validate(path, NULL);
  assert_heard(&h, 1, (const char *const[]){"not an HDF5 file (nor an .npz archive)", NULL});
  int64_t problems;
  cr_assert(mg_dataset_validate(scratch_path("none"), NULL, hear, &h, &problems) ==
            MG_ERR_NO_INPUT);
}

Test(validate, the_rest_of_a_file_is_looked_at_after_a_missing_array) {
  const char *path = craft();
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  hid_t e = H5Gopen2(file, "episode_0", H5P_DEFAULT);
  H5Ldelete(e, "actions", H5P_DEFAULT);
  H5Adelete(e, "id");
  H5Gclose(e);
  e = H5Gopen2(file, "episode_3", H5P_DEFAULT);
  craft_values(e, "rewards", H5T_IEEE_F64LE, 4, 0, (double[]){NAN, NAN, 0, 0});
  H5Gclose(e), H5Fclose(file);
  heard h = validate(path, NULL);
  assert_heard(&h, 2,
               (const char *const[]){"remark: episode_0 has no attribute id",
                                     "episode_0/actions is missing",
                                     "episode_3/rewards[0] is not a number; expected a finite "
                                     "number (the first of 2)",
                                     NULL});
}

static void keep_facts(void *user, mg_note_kind kind, const char *name, const char *text) {
  char *facts = user;
  if (kind == MG_NOTE_FACT)
    snprintf(facts + strlen(facts), 4096 - strlen(facts), "%s=%s\n", name, text);
}

Test(validate, facts_of_a_file) {
  char facts[4096] = "";
  mg_named_task task;
  const char *path = craft();
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  add_number(file, "return_mean", 2.5);
  H5Fclose(file);
  cr_assert(mg_dataset_describe(path, keep_facts, facts) == MG_OK);
  static const char *const expected[] = {
      "layout=minari\n",   "episodes=4\n",   "observations=2 float64\n",   "actions=1 float32\n",
      "rewards=float64\n", "task=unknown\n", "attribute return_mean=2.5\n"};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    cr_assert(strstr(facts, expected[i]), "'%s' is not in:\n%s", expected[i], facts);
  cr_assert(mg_dataset_named_task(path, &task) == MG_OK && strcmp(task.env_id, "") == 0);
}
