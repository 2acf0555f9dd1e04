/* Sweeps: the small language of their files, the product of the axes, the manifest, states of runs. */
#include "app/sweep/run_process.h"
#include "app/sweep/sweep_expand.h"
#include "app/sweep/sweep_show.h"
#include "files/file_lock.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void begin(void) {
  scratch_make();
}

TestSuite(sweep, .init = begin, .fini = scratch_remove);

static void say(mg_status got, mg_status expected, const char *sentence) {
  cr_assert(got == expected && strstr(mg_status_message(), sentence), "%d: %s\n expected %d: %s",
            got, mg_status_message(), expected, sentence);
}

/* ---- values ---- */

static void expect_values(const char *text, const char *joined) {
  mg_sweep_values v = {0};
  char all[512] = "";
  cr_assert(mg_sweep_values_parse("x", text, &v) == MG_OK, "%s: %s", text, mg_status_message());
  for (int i = 0; i < v.count; i++)
    snprintf(all + strlen(all), sizeof all - strlen(all), "[%s]", v.value[i]);
  cr_assert_str_eq(all, joined);
  mg_sweep_values_free(&v);
}

Test(sweep, lists_and_ranges) {
  expect_values("mgail,  gail ,bc", "[mgail][gail][bc]");
  expect_values("1..5", "[1][2][3][4][5]");
  expect_values("7..7", "[7]");
  expect_values("80..240:80", "[80][160][240]");
  expect_values("0..5:2, 9", "[0][2][4][9]");
  expect_values("0.1..0.3:0.1", "[0.1][0.2][0.3]");
  expect_values("\"64,64\" , \"100,100\"", "[64,64][100,100]");
  expect_values("../data/x.h5", "[../data/x.h5]");
  expect_values("\"\"", "[]");
}

Test(sweep, values_that_are_none) {
  const struct {
    const char *text, *sentence;
  } bad[] = {{"", "x = : no value"},
             {"  ", "no value"},
             {"5..1", "x = 5..1: an empty range"},
             {"1..", "expected FIRST..LAST"},
             {"1..x", "expected FIRST..LAST"},
             {"1..5:0", "a step above 0"},
             {"1..5:-1", "a step above 0"},
             {"1..1e9", "a range of 1000000000 values"},
             {"a,,b", "a value on each side of a comma"},
             {"a,", "a value on each side of a comma"},
             {"\"a", "a quotation mark without its other one"},
             {"\"a\" b", "expected a comma"}};
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    mg_sweep_values v = {0};
    say(mg_sweep_values_parse("x", bad[k].text, &v), MG_ERR_CONFIG, bad[k].sentence);
    mg_sweep_values_free(&v);
  }
}

Test(sweep, conditions_and_braces) {
  const mg_sweep_point p = {.axes = 2, .axis = {{"method", "bc"}, {"run.seed", "3"}}};
  const struct {
    const char *condition;
    bool holds;
  } rows[] = {{"", true},
              {"method=bc", true},
              {"method=gail,bc run.seed=1..3", true},
              {"method=bc run.seed=4..5", false},
              {"method=b", false},
              {"other=bc", false}};
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    bool holds;
    cr_assert(mg_sweep_condition_holds(rows[k].condition, &p, &holds) == MG_OK);
    cr_assert(holds == rows[k].holds, "'%s'", rows[k].condition);
  }
  bool holds;
  say(mg_sweep_condition_holds("method", &p, &holds), MG_ERR_CONFIG,
      "'method': expected AXIS=VALUES");
  char text[32];
  cr_assert(mg_sweep_fill("n", "a/{method}-s{run.seed}.ini", &p, sizeof text, text) == MG_OK);
  cr_assert_str_eq(text, "a/bc-s3.ini");
  cr_assert(mg_sweep_fill("n", "a{b", &p, sizeof text, text) == MG_OK);
  cr_assert_str_eq(text, "a{b");
  say(mg_sweep_fill("n", "{task}", &p, sizeof text, text), MG_ERR_CONFIG,
      "n: {task}: expected the name");
  say(mg_sweep_fill("n", "{method}{method}", &p, 4, text), MG_ERR_CONFIG, "more than 3 bytes");
}

/* ---- files ---- */

static mg_status expand(const char *text, mg_manifest *manifest) {
  static mg_sweep_file file;
  file = (mg_sweep_file){0};
  cr_assert(file_write(scratch_path("s.ini"), text, strlen(text)));
  mg_status status = mg_sweep_file_read(scratch_path("s.ini"), &file);
  if (status == MG_OK) status = mg_sweep_expand(&file, manifest);
  mg_sweep_file_free(&file);
  return status;
}

#define TASKS                                                                                      \
  "[sweep]\nname={task}-{method}-{data.trajectories}-s{run.seed} ; a comment\n"                    \
  "[axes]\ntask=hopper,humanoid\nmethod=mgail,bc\ndata.trajectories=4,11\nrun.seed=1..2\n"         \
  "[axes task=humanoid]\ndata.trajectories=80\n"                                                   \
  "[set]\nrun.steps=1000\n[set task=humanoid]\nrun.env=Humanoid-v4\nrun.steps=2000\n"              \
  "[set method=bc]\nrun.algorithm=bc\n"                                                            \
  "[exclude]\nwhen=method=bc run.seed=2\nwhen=task=humanoid method=bc\n"                           \
  "[resources]\nranks=4\nminutes=60\n[resources method=bc]\nranks=1\nsbatch=--mem-per-cpu=1G\n"

Test(sweep, every_combination_but_the_excluded) {
  static const char *const names[] = {
      "hopper-mgail-4-s1", "hopper-mgail-4-s2", "hopper-mgail-11-s1",   "hopper-mgail-11-s2",
      "hopper-bc-4-s1",    "hopper-bc-11-s1",   "humanoid-mgail-80-s1", "humanoid-mgail-80-s2"};
  mg_manifest m = {0};
  cr_assert(expand(TASKS, &m) == MG_OK, "%s", mg_status_message());
  cr_assert_eq(m.runs, 8);
  for (int i = 0; i < m.runs; i++) cr_assert_str_eq(m.run[i].name, names[i]);
  cr_assert(m.run[0].ranks == 4 && m.run[0].minutes == 60 && m.run[0].pack == 1);
  cr_assert(m.run[4].ranks == 1);
  cr_assert_str_eq(m.run[4].sbatch, "--mem-per-cpu=1G");
  cr_assert_str_eq(m.run[6].axes, "task=humanoid method=mgail data.trajectories=80 run.seed=1");
  mg_manifest_free(&m);
}

Test(sweep, settings_of_a_run) {
  static mg_sweep_file file;
  mg_settings s;
  char said[1024], missing[1024];
  cr_assert(file_write(scratch_path("s.ini"), TASKS, strlen(TASKS)));
  cr_assert(mg_sweep_file_read(scratch_path("s.ini"), &file) == MG_OK);
  const mg_sweep_point p = {.axes = 4,
                            .axis = {{"task", "humanoid"},
                                     {"method", "mgail"},
                                     {"data.trajectories", "80"},
                                     {"run.seed", "2"}}};
  cr_assert(mg_sweep_settings(&file, &p, &s, said, sizeof said, missing) == MG_OK, "%s",
            mg_status_message());
  cr_assert(s.run.steps == 2000 && s.run.seed == 2 && s.data.trajectories == 80);
  cr_assert_str_eq(s.run.env, "Humanoid-v4");
  cr_assert(strstr(said, "run.seed=2"));
  mg_sweep_file_free(&file);
}

#define AXIS "[axes]\nrun.seed=1..2\n"

Test(sweep, mistakes_in_a_file) {
  const struct {
    const char *text, *sentence;
  } bad[] = {
      {"[axis]\nrun.seed=1\n", "s.ini:1: unknown section [axis]; did you mean [axes]?"},
      {"run.seed=1\n", "s.ini:1: key run.seed stands before the first [section]"},
      {"[axes]\nrun.sed=1\n", "s.ini:2: unknown key run.sed; did you mean run.seed?"},
      {AXIS "[set]\nppo.epoch=1\n", "s.ini:4: unknown key ppo.epoch"},
      {AXIS "[set]\nsteps=1\n", "s.ini:4: unknown key steps; expected section.key"},
      {AXIS "[resources]\nrank=1\n", "unknown key rank of [resources]; did you mean ranks?"},
      {AXIS "[resources]\nranks=0\n", "ranks = '0': expected a whole number"},
      {"[axes]\nrun.seed=5..1\n", "s.ini:2: run.seed = 5..1: an empty range"},
      {"[axes]\nrun.seed=\n", "s.ini:2: run.seed = : no value"},
      {"[axes]\nrun.seed=1\nrun.seed=2\n", "s.ini:3: run.seed was already set in line 2"},
      {"[set]\nrun.steps=5\n", "no axis; expected some under [axes]"},
      {"[axes]\nseed=1..2\n", "axis seed changes no run: expected {seed}"},
      {"[axes]\nseed=1..2\n[sweep]\nname=s{seed}\n", "axis seed changes no run"},
      {AXIS "[set sed=1]\nrun.steps=5\n", "s.ini:4: condition sed=...: no such axis"},
      {AXIS "[set run.seed=3]\nrun.steps=5\n", "condition run.seed=3: the axis has no such value"},
      {AXIS "[set]\nrun.seed=3\n", "run.seed is an axis"},
      {"[axes]\nrun.seed=1\n[axes run.steps=5]\nrun.seed=2\n[axes]\nrun.steps=5\n", "no such axis"},
      {AXIS "[exclude]\nwhen=run.seed=1..2\n", "no run is left"},
      {AXIS "[set]\nrun.steps=none\n", "run seed1: run.steps = 'none': expected a whole number"},
      {AXIS "[set]\nrun.env=Hoper-v4\n", "no such task; did you mean Hopper-v4?"},
      {AXIS "[set]\nrun.algorithm=mgial\n", "did you mean mgail?"},
      {AXIS "[sweep]\npreset=no.ini\n", "no.ini: No such file"},
      {AXIS "[sweep]\npreset={task}.ini\n",
       "s.ini:4: preset: {task}: expected the name of an axis"},
      {AXIS "[sweep]\nname=all\n",
       "two runs with one folder, all: run.seed=1, and run.seed=2; expected [sweep] name"},
      {AXIS "what\n", "s.ini:3: expected [section], key = value or a comment"}};
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    mg_manifest m = {0};
    const mg_status status = expand(bad[k].text, &m);
    const bool absent = strstr(bad[k].sentence, "No such file") != NULL;
    say(status, absent ? MG_ERR_NO_INPUT : MG_ERR_CONFIG, bad[k].sentence);
    mg_manifest_free(&m);
  }
}

static mg_status expand_with(const char *assignment, mg_settings *s) {
  static mg_sweep_file file;
  const mg_sweep_point p = {.axes = 1, .axis = {{"run.seed", "2"}}};
  static const char text[] = AXIS "[set]\nrun.steps=10\nppo.epochs=2\n";
  char said[1024] = "", missing[1024];
  file = (mg_sweep_file){0};
  cr_assert(file_write(scratch_path("s.ini"), text, strlen(text)));
  mg_status status = mg_sweep_file_set(&file, assignment);
  if (status == MG_OK) status = mg_sweep_file_read(scratch_path("s.ini"), &file);
  if (status == MG_OK) status = mg_sweep_settings(&file, &p, s, said, sizeof said, missing);
  mg_sweep_file_free(&file);
  return status;
}

Test(sweep, settings_given_over_the_file) {
  mg_settings s;
  cr_assert(expand_with("run.steps=20", &s) == MG_OK, "%s", mg_status_message());
  cr_assert(s.run.steps == 20 && s.run.seed == 2);
  say(expand_with("run.seed=3", &s), MG_ERR_CONFIG, "--set run.seed: run.seed is an axis");
  say(expand_with("run.step=3", &s), MG_ERR_CONFIG,
      "--set run.step: unknown key run.step; did you mean");
  say(expand_with("run.steps", &s), MG_ERR_USAGE, "--set run.steps: expected section.key=value");
}

/* ---- the manifest ---- */

static const char *folder(void) {
  return scratch_path("d");
}

static void store(const char *text, mg_status expected, const char *sentence,
                  mg_sweep_changes *changes) {
  static mg_sweep_file file;
  file = (mg_sweep_file){0};
  mg_manifest m = {0};
  mg_log log = mg_log_open(NULL, 0);
  cr_assert(file_write(scratch_path("s.ini"), text, strlen(text)));
  cr_assert(mg_sweep_file_read(scratch_path("s.ini"), &file) == MG_OK, "%s", mg_status_message());
  cr_assert(mg_sweep_expand(&file, &m) == MG_OK, "%s", mg_status_message());
  const mg_status status = mg_sweep_store(&file, folder(), &m, &log, changes);
  cr_assert(status == expected && (status == MG_OK || strstr(mg_status_message(), sentence)),
            "%d: %s", status, mg_status_message());
  mg_manifest_free(&m);
  mg_sweep_file_free(&file);
}

static void put(const char *room, const char *name, const char *ending, const char *text) {
  char path[MG_FOLDER_PATH_MAX];
  cr_assert(mg_sweep_path(folder(), room, name, ending, path) == MG_OK);
  cr_assert(file_write(path, text, strlen(text)), "%s", path);
}

static void put_run(const char *name, bool done) {
  char path[MG_FOLDER_PATH_MAX];
  cr_assert(mg_sweep_path(folder(), "runs", name, "", path) == MG_OK);
  cr_assert(mkdir(path, 0777) == 0);
  if (done) put("runs", name, "/result.json", "{}");
}

Test(sweep, manifest_reads_back) {
  mg_sweep_changes c;
  mg_manifest m;
  store(TASKS, MG_OK, "", &c);
  cr_assert(c.added == 8 && c.kept == 0);
  cr_assert(mg_manifest_read(folder(), &m) == MG_OK, "%s", mg_status_message());
  cr_assert_eq(m.runs, 8);
  cr_assert_str_eq(m.run[4].sbatch, "--mem-per-cpu=1G");
  cr_assert_str_eq(m.run[4].axes, "task=hopper method=bc data.trajectories=4 run.seed=1");
  cr_assert_eq(mg_manifest_find(&m, "hopper-bc-4-s1"), 4);
  cr_assert(mg_manifest_find(&m, "hopper-bc-4-s2") < 0);
  mg_manifest_free(&m);
  store(TASKS, MG_OK, "", &c);
  cr_assert(c.added == 0 && c.kept == 8 && c.dropped == 0);
}

Test(sweep, manifests_that_are_none) {
  mg_sweep_changes c;
  mg_manifest m;
  say(mg_manifest_read(folder(), &m), MG_ERR_NO_INPUT, "mgail sweep expand FILE --output");
  store(AXIS, MG_OK, "", &c);
  size_t length;
  char path[MG_FOLDER_PATH_MAX], *text;
  snprintf(path, sizeof path, "%s/manifest.tsv", folder());
  text = (char *)file_read(path, &length);
  cr_assert(text);
  strstr(text, "-sweep 1")[7] = '2';
  cr_assert(file_write(path, text, length));
  say(mg_manifest_read(folder(), &m), MG_ERR_DATA,
      "a manifest of version 2; this program reads version 1");
  mg_manifest_free(&m);
  strstr(text, "-sweep 2")[7] = '1';
  cr_assert(file_write(path, text, length - 5));
  say(mg_manifest_read(folder(), &m), MG_ERR_DATA, "damaged or edited");
  mg_manifest_free(&m);
  free(text);
}

/* What has begun stays what it was; what has not follows the file. */
Test(sweep, expanded_again) {
  mg_sweep_changes c;
  store("[axes]\nrun.seed=1..3\n[set]\nrun.steps=10\nppo.epochs=2\n", MG_OK, "", &c);
  put_run("seed1", true);
  put_run("seed2", false);
  store("[axes]\nrun.seed=2..4\n[set]\nrun.steps=10\nppo.epochs=3\n", MG_ERR_CREATE,
        "runs/seed2: has begun with ppo.epochs = 2, the file says 3 now", &c);
  store("[axes]\nrun.seed=1\n[set]\nrun.steps=20\nppo.epochs=2\n", MG_ERR_CREATE,
        "runs/seed1: done with run.steps = 10, the file says 20 now", &c);
  store("[axes]\nrun.seed=2,4\n[set]\nrun.steps=20\nppo.epochs=2\n", MG_OK, "", &c);
  cr_assert(c.added == 1 && c.dropped == 1, "%d new, %d dropped", c.added, c.dropped);
  mg_manifest m;
  cr_assert(mg_manifest_read(folder(), &m) == MG_OK);
  cr_assert(m.runs == 3 && mg_manifest_find(&m, "seed1") == 0 && mg_manifest_find(&m, "seed3") < 0);
  mg_manifest_free(&m);
}

/* ---- states ---- */

static mg_sweep_status state_of(const char *name, const char *queue) {
  mg_sweep_status s;
  mg_sweep_queue q = {.text = queue ? strdup(queue) : NULL};
  cr_assert(mg_sweep_status_read(folder(), name, &q, &s) == MG_OK, "%s", mg_status_message());
  mg_sweep_queue_free(&q);
  return s;
}

static void record(const char *name, mg_sweep_state state, const char *job) {
  mg_sweep_record r = {.state = state, .tries = 2, .code = 78, .since = 5};
  strcpy(r.node, "n1");
  strcpy(r.job, job);
  strcpy(r.line, "mgail: error: why");
  cr_assert(mg_sweep_record_write(folder(), name, &r) == MG_OK, "%s", mg_status_message());
}

Test(sweep, states) {
  mg_sweep_changes c;
  store("[axes]\nrun.seed=1..4\n", MG_OK, "", &c);
  mg_sweep_status s = state_of("seed1", NULL);
  cr_assert(s.state == MG_SWEEP_WAITING && !s.begun && !*s.why);
  record("seed1", MG_SWEEP_FAILED, "7_1");
  s = state_of("seed1", NULL);
  cr_assert(s.state == MG_SWEEP_FAILED && s.record.tries == 2 && s.record.since == 5);
  cr_assert_str_eq(s.why, "exit code 78 on n1, job 7_1: mgail: error: why");
  cr_assert(state_of("seed1", "seed1\t7_1\tRUNNING\t\n").state == MG_SWEEP_FAILED, "a packed task");
  s = state_of("seed1", "seed1\t7_1\tFAILED\t\nseed1\t9_0\tPENDING\t\n");
  cr_assert(s.state == MG_SWEEP_WAITING && s.queued, "submitted anew");
  put_run("seed1", true);
  cr_assert(state_of("seed1", "seed1\t7_1\tFAILED\t\n").state == MG_SWEEP_DONE);
}

Test(sweep, states_by_the_queue) {
  mg_sweep_changes c;
  store("[axes]\nrun.seed=1..4\n", MG_OK, "", &c);
  const struct {
    const char *queue;
    mg_sweep_state unknown, interrupted; /* of a run without a record; of one that was at work */
  } rows[] = {{"seed10\t1\tRUNNING\t\n", MG_SWEEP_WAITING, MG_SWEEP_WAITING},
              {"seed1\t1\tPENDING\t\n", MG_SWEEP_WAITING, MG_SWEEP_WAITING},
              {"seed1\t1\tRUNNING\t\n", MG_SWEEP_RUNNING, MG_SWEEP_RUNNING},
              {"seed1\t1\tCANCELLED\t\n", MG_SWEEP_WAITING, MG_SWEEP_WAITING},
              {"seed1\t1\tGONE\t\n", MG_SWEEP_WAITING, MG_SWEEP_FAILED},
              {"seed1\t1\tNODE_FAIL\tlast\n", MG_SWEEP_FAILED, MG_SWEEP_FAILED}};
  for (int begun = 0; begun < 2; begun++) {
    if (begun) record("seed1", MG_SWEEP_RUNNING, "1");
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
      cr_assert(state_of("seed1", rows[k].queue).state ==
                    (begun ? rows[k].interrupted : rows[k].unknown),
                "%s %d", rows[k].queue, begun);
  }
  cr_assert_str_eq(
      state_of("seed1", "seed1\t1\tNODE_FAIL\t\n").why,
      "job 1 has ended (NODE_FAIL) without a word on n1; the last was: mgail: error: why");
  cr_assert_str_eq(state_of("seed2", "seed2\t3\tFAILED\tno such program\n").why,
                   "job 3 has ended (FAILED); the last was: no such program");
  cr_assert_str_eq(state_of("seed1", NULL).why, "was interrupted on n1");
}

Test(sweep, nothing_is_submitted_twice) {
  mg_sweep_changes c;
  store(AXIS, MG_OK, "", &c);
  const struct {
    const char *queue;
    bool starts;
  } rows[] = {{NULL, true},
              {"seed1\t1\tPENDING\t\n", false},
              {"seed1\t1\tRUNNING\t\n", false},
              {"seed1\t1\tCANCELLED\t\n", true},
              {"seed1\t1\tCANCELLED\t\nseed1\t2\tPENDING\t\n", false}};
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    const mg_sweep_status s = state_of("seed1", rows[k].queue);
    cr_assert(mg_sweep_is_to_start(&s, true) == rows[k].starts, "%zu", k);
  }
  record("seed1", MG_SWEEP_FAILED, "1");
  const mg_sweep_status failed = state_of("seed1", NULL);
  cr_assert(!mg_sweep_is_to_start(&failed, false) && mg_sweep_is_to_start(&failed, true));
  put_run("seed1", true);
  const mg_sweep_status done = state_of("seed1", NULL);
  cr_assert(!mg_sweep_is_to_start(&done, true));
}

/* Whoever holds a run's lock runs it. */
Test(sweep, running_is_who_has_the_lock) {
  mg_sweep_changes c;
  mg_file_lock lock;
  char path[MG_FOLDER_PATH_MAX];
  store(AXIS, MG_OK, "", &c);
  cr_assert(mg_sweep_path(folder(), "state", "seed1", ".lock", path) == MG_OK);
  cr_assert(mg_file_lock_take(path, "seed1", &lock) == MG_OK);
  record("seed1", MG_SWEEP_RUNNING, "");
  cr_assert(state_of("seed1", NULL).state == MG_SWEEP_RUNNING);
  mg_file_lock_release(&lock);
  cr_assert(state_of("seed1", NULL).state == MG_SWEEP_WAITING);
}

Test(sweep, runs_by_condition) {
  mg_sweep_changes c;
  mg_manifest m;
  mg_sweep_view v;
  store(TASKS, MG_OK, "", &c);
  cr_assert(mg_manifest_read(folder(), &m) == MG_OK);
  const char *const two[] = {"method=mgail", "run.seed=1"}, *const none[] = {"method=mgial"};
  cr_assert(mg_sweep_view_create(folder(), &m, 2, two, 0, NULL, NULL, &v) == MG_OK);
  cr_assert(v.runs == 3 && v.of[MG_SWEEP_WAITING] == 3);
  mg_sweep_view_free(&v);
  say(mg_sweep_view_create(folder(), &m, 1, none, 0, NULL, NULL, &v), MG_ERR_CONFIG,
      "method=mgial: the axis has no such value; did you mean mgail?");
  mg_sweep_view_free(&v);
  mg_manifest_free(&m);
}

/* ---- what an end means ---- */

enum { EXITED = 1, BY_SIGNAL = 0 };

static mg_run_end judge(const char *log, int exited, int number, const char *line) {
  mg_sweep_run run = {.ranks = 1};
  int code;
  char said[512];
  strcpy(run.name, "seed1");
  put("logs", "seed1", ".log", log);
  const mg_run_end end =
      mg_run_process_judge(folder(), &run, 0, exited ? number << 8 : number, &code, said);
  cr_assert_eq(code, exited ? number : 128 + number);
  cr_assert_str_eq(said, line);
  return end;
}

Test(sweep, ends) {
  mg_sweep_changes c;
  store(AXIS, MG_OK, "", &c);
  cr_assert(judge("x\nmgail: error: a: b\nsrun: error: n1: task 0: Exited\n---\n", EXITED, 78,
                  "mgail: error: a: b") == MG_RUN_WRONG);
  cr_assert(judge("x: in use by process 5 on n2\n", EXITED, 73, "x: in use by process 5 on n2") ==
            MG_RUN_IN_USE);
  cr_assert(judge("x: exists\n", EXITED, 73, "x: exists") == MG_RUN_WRONG);
  const char *const begun =
      "x: exists and is not empty (it holds config.ini); give another --output, "
      "or --resume to go on";
  cr_assert(judge(begun, EXITED, 73, begun) == MG_RUN_IN_USE, "it began meanwhile");
  cr_assert(judge("full\n", EXITED, 74, "full") == MG_RUN_IO);
  cr_assert(judge("stopped\n", EXITED, 75, "stopped") == MG_RUN_STOPPED);
  const char *const late = "mgail: error: rank 0 on n waited 9 s at x (run.watchdog): rank 1";
  cr_assert(judge(late, EXITED, 137, late) == MG_RUN_LATE);
  cr_assert(judge("at work\n-----\n", BY_SIGNAL, 9, "at work") == MG_RUN_KILLED);
  cr_assert(judge("no slots\n", EXITED, 1, "no slots") == MG_RUN_LAUNCH);
  cr_assert(judge("", EXITED, 0, "") == MG_RUN_LAUNCH);
  put_run("seed1", true);
  cr_assert(judge("done\n", EXITED, 0, "done") == MG_RUN_DONE);
  cr_assert(mg_run_end_tries(MG_RUN_WRONG) == 1 && mg_run_end_tries(MG_RUN_KILLED) == 3 &&
            mg_run_end_tries(MG_RUN_IN_USE) > 3);
}

/* ---- the sweeps that come with the program ---- */

static mg_manifest shipped(const char *name) {
  static mg_sweep_file file;
  file = (mg_sweep_file){0};
  char path[512];
  mg_manifest m = {0};
  snprintf(path, sizeof path, "%s/%s", MG_SOURCE_DIR, name);
  cr_assert(mg_sweep_file_read(path, &file) == MG_OK, "%s", mg_status_message());
  cr_assert(mg_sweep_expand(&file, &m) == MG_OK, "%s", mg_status_message());
  mg_sweep_file_free(&file);
  return m;
}

Test(sweep, shipped) {
  mg_manifest humanoid = shipped("slurm/humanoid.ini"), scaling = shipped("slurm/scaling.ini");
  cr_assert_eq(humanoid.runs, 3 * 3 * 5);
  const int fewer = mg_manifest_find(&humanoid, "humanoid-gail-160-s5");
  const int all = mg_manifest_find(&humanoid, "humanoid-gail-240-s5"); /* of what is recorded */
  cr_assert(fewer >= 0 && !strstr(humanoid.run[fewer].settings, "data.minimum_length=0"));
  cr_assert(all >= 0 && strstr(humanoid.run[all].settings, "data.minimum_length=0"));
  const int most = mg_manifest_find(&scaling, "humanoid-weak-gradients-r64-s1");
  cr_assert(most >= 0 && scaling.run[most].ranks == 64);
  mg_manifest_free(&humanoid);
  mg_manifest_free(&scaling);
}

Test(sweep, shipped_studies) {
  mg_manifest ablations = shipped("experiments/ablations.ini");
  cr_assert_eq(ablations.runs, 5 * 9);
  const int fewer = mg_manifest_find(&ablations, "hopper-8-environments-s1");
  cr_assert(fewer >= 0 && strstr(ablations.run[fewer].settings, "mgail.updates=8"));
  mg_manifest environments = shipped("experiments/scale/environments.ini");
  cr_assert_eq(environments.runs, 3 * (6 + 3) * 3);
  mg_manifest sync = shipped("experiments/scale/sync.ini");
  cr_assert_eq(sync.runs, 2 * (4 + 3) * 3); /* one rank has nothing to average */
  const int ranks = mg_manifest_find(&sync, "hopper-parameters-r8-s3");
  cr_assert(ranks >= 0 && sync.run[ranks].ranks == 8);
  mg_manifest_free(&sync);
  cr_assert(mg_manifest_find(&environments, "ant-batch-256-s3") >= 0);
  cr_assert(mg_manifest_find(&environments, "ant-batch-32-s3") < 0);
  mg_manifest_free(&ablations);
  mg_manifest_free(&environments);
}

/* All rows of the published table, and no others. */
Test(sweep, shipped_table_is_the_papers) {
  mg_manifest table = shipped("slurm/table.ini");
  FILE *paper = fopen(MG_SOURCE_DIR "/experiments/paper.csv", "r");
  char line[512], name[128];
  int rows = 0;
  cr_assert(paper);
  while (fgets(line, sizeof line, paper)) {
    char task[64];
    int size;
    if (sscanf(line, "%63[A-Za-z0-9-],%d,", task, &size) != 2) continue;
    task[strcspn(task, "-")] = '\0';
    for (char *c = task; *c; c++) *c = (char)tolower((unsigned char)*c);
    snprintf(name, sizeof name, "%s-bc-%d-s3", task, size);
    cr_assert(mg_manifest_find(&table, name) >= 0, "%s", name);
    rows++;
  }
  fclose(paper);
  cr_assert(rows == 31 && table.runs == rows * 3 * 3, "%d rows, %d runs", rows, table.runs);
  mg_manifest_free(&table);
}
