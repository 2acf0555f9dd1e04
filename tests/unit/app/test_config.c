/* Settings: the table's rows, the files and options that set them, what --resume may change. */
#include "app/config/config_checksum.h"
#include "app/config/config_table.h"
#include "app/config/settings_args.h"
#include "app/run/train.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void begin(void) {
  scratch_make();
}

TestSuite(config, .init = begin, .fini = scratch_remove);

static void say(mg_status got, mg_status expected, const char *sentence) {
  cr_assert(got == expected && strstr(mg_status_message(), sentence), "%d: %s", got,
            mg_status_message());
}

static bool same(const mg_settings *a, const mg_settings *b) {
  return memcmp(a, b, sizeof *a) == 0;
}

/* A value that the row accepts and that is not its default. */
static const char *another(const mg_config_row *row) {
  static char text[MG_CONFIG_VALUE_MAX];
  switch (row->type) {
  case MG_CONFIG_INT:
  case MG_CONFIG_INT64:
  case MG_CONFIG_NUMBER: {
    char least[MG_CONFIG_VALUE_MAX];
    mg_settings settings = mg_config_defaults();
    mg_config_format(row, &settings, least);
    snprintf(text, sizeof text, "%.17g", row->min);
    cr_assert(mg_config_set_row(row, text, &settings) == MG_OK, "%s", mg_status_message());
    mg_config_format(row, &settings, text);
    if (strcmp(text, least) == 0) snprintf(text, sizeof text, "%.17g", row->max);
    return text;
  }
  case MG_CONFIG_SWITCH:
    return strcmp(row->fallback, "on") == 0 ? "off" : "on";
  case MG_CONFIG_CHOICE:
    return strcmp(row->fallback, row->choices[0]) == 0 ? row->choices[1] : row->choices[0];
  case MG_CONFIG_TEXT:
    return "a b;c";
  case MG_CONFIG_LAYERS:
    return "7,65536, 3";
  case MG_CONFIG_ARGUMENT:
    return mg_env_option_valid(row->key, "on")  ? "on"
           : mg_env_option_valid(row->key, "1") ? "1"
                                                : "1,2";
  }
  return "";
}

/* ---- rows ---- */

Test(config, rows) {
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    char name[64], value[MG_CONFIG_VALUE_MAX];
    snprintf(name, sizeof name, "%s.%s", row->section, row->key);
    cr_assert_str_eq(row->name, name);
    cr_assert(mg_config_find(row->section, row->key) == row, "%s is there twice", name);
    cr_assert(*row->help && *mg_config_section_help(row->section), "%s has no help", name);
    mg_settings settings = mg_config_defaults(), again = settings;
    mg_config_format(row, &settings, value);
    cr_assert(mg_config_set_row(row, value, &again) == MG_OK && same(&settings, &again),
              "the default of %s is not what it reads back to", name);
  }
  cr_assert(!mg_config_find("run", "seeds") && !mg_config_find("runs", "seed"));
}

/* Both ends of a range are in it, what lies beyond is not and changes nothing. */
Test(config, ranges) {
  int ranges = 0;
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    if (row->type > MG_CONFIG_NUMBER) continue;
    const bool whole = row->type != MG_CONFIG_NUMBER;
    const double ends[2] = {row->min, row->max};
    for (int k = 0; k < 2; k++) {
      char text[64], value[MG_CONFIG_VALUE_MAX];
      mg_settings settings = mg_config_defaults(), before = settings;
      const double step = whole ? 1 : 1e-6 + 1e-9 * row->max;
      snprintf(text, sizeof text, "%.17g", ends[k] + (k ? step : -step));
      if (!whole || ends[k] < 9e15) {
        say(mg_config_set_row(row, text, &settings), MG_ERR_CONFIG, row->name);
        cr_assert(strstr(mg_status_message(), whole ? "expected a whole number" : "a number"));
      }
      cr_assert(same(&settings, &before), "%s is changed by what is refused", row->name);
      snprintf(text, sizeof text, "%.17g", ends[k]);
      cr_assert(mg_config_set_row(row, text, &settings) == MG_OK, "%s", mg_status_message());
      mg_config_format(row, &settings, value);
      cr_assert(strtod(value, NULL) == ends[k], "%s: %s became %s", row->name, text, value);
      ranges++;
    }
    mg_settings settings = mg_config_defaults();
    if (whole) say(mg_config_set_row(row, "1.5", &settings), MG_ERR_CONFIG, row->name);
  }
  cr_assert(ranges > 100);
}

Test(config, choices_are_their_enums) {
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    if (row->type != MG_CONFIG_CHOICE) continue;
    mg_settings settings = mg_config_defaults();
    for (int k = 0; row->choices[k]; k++) {
      cr_assert(mg_config_set_row(row, row->choices[k], &settings) == MG_OK);
      cr_assert_eq(*(int *)((char *)&settings + row->offset), k);
    }
    say(mg_config_set_row(row, "neither", &settings), MG_ERR_CONFIG, row->choices[0]);
  }
}

Test(config, texts_and_layers) {
  static const char *const refused[] = {" x", "x ", "x ;y", ";x", "x\ny", "x\ty"};
  mg_settings s = mg_config_defaults();
  const mg_config_row *expert = mg_config_find("data", "expert"),
                      *hidden = mg_config_find("policy", "hidden");
  for (size_t k = 0; k < sizeof refused / sizeof *refused; k++)
    say(mg_config_set_row(expert, refused[k], &s), MG_ERR_CONFIG, "data.expert = '");
  char text[MG_CONFIG_VALUE_MAX + 1];
  memset(text, 'x', sizeof text);
  text[MG_CONFIG_VALUE_MAX - 1] = '\0';
  cr_assert(mg_config_set_row(expert, text, &s) == MG_OK && strcmp(s.data.expert, text) == 0);
  text[MG_CONFIG_VALUE_MAX - 1] = 'x', text[MG_CONFIG_VALUE_MAX] = '\0';
  say(mg_config_set_row(expert, text, &s), MG_ERR_CONFIG, "at most 180 bytes");
  say(mg_config_set("run", "algorithm", "0123456789abcdef", &s), MG_ERR_CONFIG, "at most 15 bytes");

  cr_assert(mg_config_set_row(hidden, "none", &s) == MG_OK && s.policy.hidden.count == 0);
  cr_assert(mg_config_set_row(hidden, "1, 2 ,3", &s) == MG_OK && s.policy.hidden.count == 3 &&
            s.policy.hidden.width[1] == 2);
  static const char *const widths[] = {"",      "0",         "1,,2", "1,",
                                       "65537", "1,2,3,4,5", "1 2",  "none,1"};
  for (size_t k = 0; k < sizeof widths / sizeof *widths; k++)
    say(mg_config_set_row(hidden, widths[k], &s), MG_ERR_CONFIG, "policy.hidden = '");
  cr_assert(s.policy.hidden.count == 3);
}

/* ---- names ---- */

Test(config, unknown_names_get_the_nearest) {
  mg_settings s = mg_config_defaults(), before = s;
  say(mg_config_set("policy", "learnin_rate", "1", &s), MG_ERR_CONFIG,
      "unknown key policy.learnin_rate; did you mean policy.learning_rate?");
  say(mg_config_set("polcy", "clip", "1", &s), MG_ERR_CONFIG,
      "unknown section [polcy]; did you mean [policy]?");
  say(mg_config_set("run", "weight_decay", "1", &s), MG_ERR_CONFIG,
      "did you mean discriminator.weight_decay?");
  say(mg_config_set("run", "xxxxxxxx", "1", &s), MG_ERR_CONFIG, "mgail train --help lists all");
  say(mg_config_set("policy", "average", "0.99", &s), MG_ERR_CONFIG,
      "of an earlier release; now there is policy.average_steps");
  cr_assert(same(&s, &before));
}

Test(config, assignments) {
  mg_settings s = mg_config_defaults();
  cr_assert(mg_config_assign("run.seed=5", &s) == MG_OK && s.run.seed == 5);
  cr_assert(mg_config_assign("data.expert=a=b.c", &s) == MG_OK);
  cr_assert_str_eq(s.data.expert, "a=b.c");
  cr_assert(mg_config_assign("data.expert=", &s) == MG_OK && *s.data.expert == '\0');
  static const char *const wrong[] = {"", "run.seed", "seed=1", "=1", "seed=run.seed"};
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
    say(mg_config_assign(wrong[k], &s), MG_ERR_USAGE, "expected section.key=value");
  cr_assert(s.run.seed == 5);
}

/* ---- files ---- */

/* Every setting at once is something else than its default; dump and parse give the same. */
Test(config, dump_reads_back) {
  static char text[MG_CONFIG_TEXT_MAX], again[MG_CONFIG_TEXT_MAX];
  mg_settings settings = mg_config_defaults(), read = settings;
  int rows = 0, lines = 0;
  for (const mg_config_row *row = mg_config_table; row->section; row++, rows++) {
    mg_settings before = settings;
    cr_assert(mg_config_set_row(row, another(row), &settings) == MG_OK, "%s", mg_status_message());
    cr_assert(!same(&before, &settings), "%s: %s is its default", row->name, another(row));
  }
  size_t length = mg_config_to_text(&settings, text);
  cr_assert(length == strlen(text));
  for (const char *c = text; (c = strstr(c, " = ")); c++) lines++;
  cr_assert(lines == rows, "%d of %d settings in the dump", lines, rows);
  cr_assert(mg_config_read_text("dump", text, &read) == MG_OK, "%s", mg_status_message());
  cr_assert(same(&settings, &read));
  mg_config_to_text(&read, again);
  cr_assert_str_eq(text, again);
}

Test(config, texts_are_refused_as_a_whole) {
  static const struct {
    const char *text, *sentence;
  } rows[] = {
      {"[policy]\nclip = 2\nclip = 2\n", "a.ini:3: policy.clip was already set in line 2"},
      {"[run]\nseed = 3\n[policy]\nclipp = 2\n", "a.ini:4: unknown key policy.clipp; did you mean"},
      {"[run]\nseed = 3\nsteps = 0\n", "a.ini:3: run.steps = '0': expected a whole number"},
      {"seed = 3\n", "a.ini:1: key seed stands before the first [section]"},
      {"[run]\n\n# words\nseed\n", "a.ini:4: expected [section], key = value or a comment"},
      {"[run]\nsteps = 0\nseed = x\n", "a.ini:2: run.steps"}, /* the first mistake */
      {"[policy]\naverage = 0.99\n", "a.ini:2: unknown key policy.average, of an earlier release"},
  };
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    mg_settings s = mg_config_defaults(), before = s;
    say(mg_config_read_text("a.ini", rows[k].text, &s), MG_ERR_CONFIG, rows[k].sentence);
    cr_assert(same(&s, &before), "changed by: %s", rows[k].text);
  }
}

Test(config, texts_are_understood) {
  mg_settings s = mg_config_defaults();
  cr_assert(mg_config_read_text("a.ini",
                                "; comment\n[run]\n\tseed = 7 ; why\n  steps=1e3\r\n\n[data]\n"
                                "expert = a b#c\n[run]\nenvironments = 8",
                                &s) == MG_OK,
            "%s", mg_status_message());
  cr_assert(s.run.seed == 7 && s.run.steps == 1000 && s.run.environments == 8);
  cr_assert_str_eq(s.data.expert, "a b#c");
  /* What an earlier release saved, and this one has no key for. */
  cr_assert(mg_config_read_saved("a.h5", "[policy]\naverage = 0.99\nclip = 3\n", &s) == MG_OK);
  cr_assert(s.policy.clip == 3);
  say(mg_config_read_saved("a.h5", "[policy]\nclipp = 3\n", &s), MG_ERR_CONFIG, "policy.clipp");
}

Test(config, files) {
  mg_settings s = mg_config_defaults();
  const char *path = scratch_path("a.ini");
  say(mg_config_read_file(path, &s), MG_ERR_NO_INPUT, "a.ini: No such file");
  say(mg_config_read_file("/dev/null", &s), MG_ERR_NO_INPUT, "expected a regular file");
  cr_assert(file_write(path, "[run]\nseed = 7\0", 15));
  say(mg_config_read_file(path, &s), MG_ERR_CONFIG, "expected a text file");
  cr_assert(s.run.seed == 1);
  cr_assert(file_write(path, "[run]\nseed = 7", 14));
  cr_assert(mg_config_read_file(path, &s) == MG_OK && s.run.seed == 7);
}

/* ---- options ---- */

static mg_status apply(const char *words, mg_settings *settings) {
  static char text[2048];
  static mg_args args;
  mg_option options[32];
  char *argv[64];
  int argc = 0;
  snprintf(text, sizeof text, "%s", words);
  for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) argv[argc++] = word;
  mg_settings_options(options, 32);
  MG_TRY(mg_args_parse("try", options, 0, argc, argv, &args));
  return mg_settings_apply(&args, settings);
}

/* Each shorthand sets its own row and no other. */
/* A path is beside the file that names it; what only the current directory has is found there. */
Test(config, paths_are_beside_the_file) {
  static const char text[] = "[data]\nexpert = demos.h5\n";
  mg_settings settings = mg_config_defaults();
  cr_assert(file_write(scratch_path("a.ini"), text, sizeof text - 1));
  cr_assert(file_write(scratch_path("demos.h5"), "", 0));
  cr_assert(mg_config_read_file(scratch_path("a.ini"), &settings) == MG_OK);
  cr_assert_str_eq(settings.data.expert, scratch_path("demos.h5"));
  cr_assert(mg_config_set("data", "expert", "demos.h5", &settings) == MG_OK); /* no file */
  cr_assert_str_eq(settings.data.expert, "demos.h5");

  static const char absolute[] = "[data]\nexpert = /nowhere/demos.h5\n";
  cr_assert(file_write(scratch_path("b.ini"), absolute, sizeof absolute - 1));
  cr_assert(mg_config_read_file(scratch_path("b.ini"), &settings) == MG_OK);
  cr_assert_str_eq(settings.data.expert, "/nowhere/demos.h5");
}

Test(config, shorthands) {
  int shorthands = 0;
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    if (!row->option) continue;
    const bool algorithm = strcmp(row->name, "run.algorithm") == 0;
    const char *value = algorithm ? "ppo" : row->type == MG_CONFIG_TEXT ? "x" : "9";
    char words[64];
    mg_settings short_, long_;
    short_ = long_ = mg_config_defaults();
    snprintf(words, sizeof words, "--%s %s", row->key, value);
    cr_assert(apply(words, &short_) == MG_OK, "%s", mg_status_message());
    cr_assert(mg_config_set_row(row, value, &long_) == MG_OK && same(&short_, &long_), "%s", words);
    shorthands++;
  }
  cr_assert(shorthands == 7, "%d", shorthands); /* people's habits: a change is told to them */
  mg_settings s = mg_config_defaults();
  say(apply("--clip 1", &s), MG_ERR_USAGE, "unknown option --clip");
}

Test(config, order_of_files_and_options) {
  char words[512];
  mg_settings s = mg_config_defaults();
  cr_assert(file_write(scratch_path("a.ini"), "[run]\nseed = 2\nsteps = 20", 25));
  cr_assert(file_write(scratch_path("b.ini"), "[run]\nseed = 3\n", 15));
  snprintf(words, sizeof words, "--seed 4 --config %s --set run.seed=5 --config %s",
           scratch_path("a.ini"), scratch_path("b.ini"));
  cr_assert(apply(words, &s) == MG_OK, "%s", mg_status_message());
  cr_assert(s.run.seed == 5 && s.run.steps == 20);
  cr_assert(apply("--set run.seed=6 --seed 7", &s) == MG_OK && s.run.seed == 7);
}

Test(config, what_the_table_cannot_say) {
  mg_settings s = mg_config_defaults();
  say(apply("--algorithm mgali", &s), MG_ERR_CONFIG, "unknown; did you mean mgail?");
  s = mg_config_defaults();
  say(apply("--algorithm zzzzzz", &s), MG_ERR_CONFIG, "expected one of mgail, bc, gail, ppo");
}

/* ---- resuming ---- */

/* A resumed run may change what its row says, and nothing else. */
Test(config, resumed) {
  static const char *const may[] = {"run.steps",
                                    "run.check_drift_every",
                                    "run.checkpoint_seconds",
                                    "evaluate.every",
                                    "evaluate.final_episodes",
                                    "bc.epochs",
                                    "bc.patience",
                                    "bc.evaluate_every",
                                    "data.expert",
                                    "run.watchdog",
                                    "run.checkpoint_replay",
                                    "run.pause",
                                    "run.overlap",
                                    "run.shares"};
  const size_t all = sizeof may / sizeof *may;
  size_t found = 0;
  const mg_settings saved = mg_config_defaults();
  cr_assert(mg_train_check_resumed(&saved, &saved) == MG_OK);
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    mg_settings changed = saved;
    bool listed = false;
    for (size_t k = 0; k < all; k++) listed |= strcmp(may[k], row->name) == 0;
    found += listed;
    cr_assert(mg_config_set_row(row, another(row), &changed) == MG_OK);
    mg_status status = mg_train_check_resumed(&saved, &changed);
    if (listed) {
      cr_assert(status == MG_OK, "%s may not change: %s", row->name, mg_status_message());
      continue;
    }
    say(status, MG_ERR_CONFIG, row->name);
    for (size_t k = 0; k < all; k++) cr_assert(strstr(mg_status_message(), may[k]), "%s", may[k]);
  }
  cr_assert(found == all);
}

/* The settings of the run's file, or nothing where it is refused. */
static bool read_sealed(const char *path, const char *bytes, size_t length, mg_settings *settings) {
  *settings = mg_config_defaults();
  cr_assert(file_write(path, bytes, length));
  return mg_config_check_seal(path) == MG_OK && mg_config_read_file(path, settings) == MG_OK;
}

Test(config, what_is_not_what_the_run_wrote_is_refused) {
  char text[MG_CONFIG_SEALED_MAX], path[4096];
  mg_settings whole = mg_config_defaults(), settings;
  whole.run.seed = 1234;
  mg_config_seal(&whole, text);
  const size_t length = strlen(text), ends = 200; /* beyond the checksum's line */
  snprintf(path, sizeof path, "%s", scratch_path("config.ini"));
  cr_assert(read_sealed(path, text, length, &settings) && same(&settings, &whole));
  for (size_t k = 0; k < length; k += k < ends ? 1 : 37) {
    text[k] ^= 1 << k % 8;
    cr_assert(!read_sealed(path, text, length, &settings) || same(&settings, &whole), "bit of %zu",
              k);
    text[k] ^= 1 << k % 8;
  }
  cr_assert(!read_sealed(path, text, length - 2, &settings));
  say(mg_config_check_seal(path), MG_ERR_DATA, "config.ini: damaged or edited");
  memset(text, 0, 20); /* so that there is no checksum */
  cr_assert(!read_sealed(path, text, length, &settings));
  say(mg_config_check_seal(path), MG_ERR_DATA, "config.ini: damaged or edited");
  cr_assert(read_sealed(path, "[run]\nseed = 7\n", 15, &settings)); /* of 0.1.0 */
  cr_assert(mg_config_check_seal(scratch_path("none")) == MG_ERR_NO_INPUT);
}
