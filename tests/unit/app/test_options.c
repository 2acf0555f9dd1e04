/* Command lines: what is understood, what is refused and with which sentence. */
#include "app/options.h"

#include <criterion/criterion.h>
#include <string.h>

static const mg_option table[] = {
    {"output", "DIR", "where to"},
    {"episodes", "N", "how many"},
    {"episode", "N", "which"},
    {"json", NULL, "as JSON"},
    {0},
};

/* words: separated by blanks. */
static mg_status parse(int files, const char *words, mg_args *args) {
  static char text[1024];
  char *argv[64];
  int argc = 0;
  snprintf(text, sizeof text, "%s", words);
  for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) argv[argc++] = word;
  return mg_args_parse("try", table, files, argc, argv, args);
}

static void refuse(int files, const char *words, const char *sentence) {
  static mg_args args;
  cr_assert(parse(files, words, &args) == MG_ERR_USAGE, "accepted: %s", words);
  cr_assert(strstr(mg_status_message(), sentence), "'%s' says: %s", words, mg_status_message());
}

Test(options, values_and_files) {
  static mg_args a;
  cr_assert(parse(3, "one --output=here --json two --episodes 7 -- --json", &a) == MG_OK);
  cr_assert_str_eq(mg_args_text(&a, "output"), "here");
  cr_assert_str_eq(mg_args_text(&a, "episodes"), "7");
  cr_assert(mg_args_has(&a, "json") && !mg_args_text(&a, "json"));
  cr_assert(!mg_args_has(&a, "episode") && !mg_args_text(&a, "episode"));
  cr_assert(a.files == 3 && a.count == 3);
  cr_assert_str_eq(a.file[0], "one");
  cr_assert_str_eq(a.file[1], "two");
  cr_assert_str_eq(a.file[2], "--json");

  /* A value may look like an option, be empty, or hold the sign; "-" is a file. */
  cr_assert(parse(1, "--output --json --episodes= --episode=a=b -", &a) == MG_OK);
  cr_assert_str_eq(mg_args_text(&a, "output"), "--json");
  cr_assert_str_eq(mg_args_text(&a, "episodes"), "");
  cr_assert_str_eq(mg_args_text(&a, "episode"), "a=b");
  cr_assert(!mg_args_has(&a, "json") && a.files == 1);
}

Test(options, beginnings) {
  static mg_args a;
  cr_assert(parse(0, "--out x --j", &a) == MG_OK);
  cr_assert_str_eq(mg_args_text(&a, "output"), "x");
  cr_assert(mg_args_has(&a, "json"));
  /* The whole name of one, though another goes on from it; in any order of the table. */
  cr_assert(parse(0, "--episode 1 --episodes 2", &a) == MG_OK);
  cr_assert_str_eq(mg_args_text(&a, "episode"), "1");
  cr_assert_str_eq(mg_args_text(&a, "episodes"), "2");
  refuse(0, "--epi 1", "try: --epi is the beginning of more than one option");
}

Test(options, order_is_kept_and_the_last_one_counts) {
  static mg_args a;
  int64_t n = 0;
  cr_assert(parse(0, "--episodes 1 --output x --episodes 3 --episodes 2", &a) == MG_OK);
  cr_assert(a.count == 4 && strcmp(a.given[2].value, "3") == 0);
  cr_assert(mg_args_int(&a, "episodes", 0, 9, &n) == MG_OK && n == 2);
}

Test(options, refused) {
  refuse(0, "--ouput x", "try: unknown option --ouput; did you mean --output?");
  refuse(0, "--nothing-like-it", "mgail try --help lists them");
  refuse(0, "-o", "unknown option -o; options begin with --");
  refuse(0, "--json=yes", "try: --json takes no value");
  refuse(0, "--output", "try: --output needs a value: --output DIR");
  refuse(1, "a b", "try: unexpected argument 'b'");
  refuse(0, "-- --json", "try: unexpected argument '--json'");
}

Test(options, too_many_words) {
  static mg_args a;
  static char *argv[MG_ARGS_MAX + 1];
  char flag[] = "--json", file[] = "file";
  for (int k = 0; k <= MG_ARGS_MAX; k++) argv[k] = flag;
  cr_assert(mg_args_parse("try", table, 0, MG_ARGS_MAX, argv, &a) == MG_OK);
  cr_assert(mg_args_parse("try", table, 0, MG_ARGS_MAX + 1, argv, &a) == MG_ERR_USAGE);
  for (int k = 0; k <= MG_ARGS_MAX; k++) argv[k] = file;
  cr_assert(mg_args_parse("try", table, MG_ARGS_MAX, MG_ARGS_MAX, argv, &a) == MG_OK);
  cr_assert(mg_args_parse("try", table, MG_ARGS_MAX, MG_ARGS_MAX + 1, argv, &a) == MG_ERR_USAGE);
}

Test(options, numbers) {
  static mg_args a;
  int64_t n = -7;
  double x = -7;
  cr_assert(parse(0, "--episodes 10 --episode 0.25", &a) == MG_OK);
  cr_assert(mg_args_int(&a, "output", 1, 9, &n) == MG_OK && n == -7); /* not given */
  cr_assert(mg_args_number(&a, "output", 1, 9, &x) == MG_OK && x == -7);
  cr_assert(mg_args_int(&a, "episodes", 10, 10, &n) == MG_OK && n == 10);
  cr_assert(mg_args_number(&a, "episode", 0.25, 0.25, &x) == MG_OK && x == 0.25);

  cr_assert(mg_args_int(&a, "episodes", 11, 20, &n) == MG_ERR_USAGE && n == 10);
  cr_assert_str_eq(mg_status_message(), "--episodes 10: expected a whole number from 11 to 20");
  cr_assert(mg_args_int(&a, "episodes", 0, 9, &n) == MG_ERR_USAGE);
  cr_assert(mg_args_int(&a, "episode", 0, 9, &n) == MG_ERR_USAGE && n == 10);
  cr_assert(mg_args_number(&a, "episode", 0.5, 1, &x) == MG_ERR_USAGE && x == 0.25);
  cr_assert_str_eq(mg_status_message(), "--episode 0.25: expected a number from 0.5 to 1");
  cr_assert(mg_args_number(&a, "episode", -1, 0.2, &x) == MG_ERR_USAGE);
}

Test(options, required) {
  static mg_args a;
  const char *value;
  cr_assert(parse(0, "--output here", &a) == MG_OK);
  cr_assert(mg_args_require(&a, "try", "output", &value) == MG_OK && strcmp(value, "here") == 0);
  cr_assert(mg_args_require(&a, "try", "episode", &value) == MG_ERR_USAGE);
  cr_assert(parse(0, "--output=", &a) == MG_OK);
  cr_assert(mg_args_require(&a, "try", "output", &value) == MG_ERR_USAGE);
  cr_assert_str_eq(mg_status_message(), "try: --output is required; see mgail try --help");
}

Test(options, questions) {
  char help[] = "--help", letter[] = "-h", end[] = "--", word[] = "word";
  char *before[] = {word, help, end}, *after[] = {word, end, help}, *in_short[] = {word, letter};
  cr_assert(mg_args_ask("--help", "-h", 3, before) && !mg_args_ask("--version", "-V", 3, before));
  cr_assert(!mg_args_ask("--help", "-h", 3, after) && !mg_args_ask("--help", "-h", 1, before));
  cr_assert(mg_args_ask("--help", "-h", 2, in_short) &&
            !mg_args_ask("--version", "-V", 2, in_short));
}

static char *wrapped(int column, int indent, const char *text) {
  static char written[1024];
  FILE *to = fmemopen(written, sizeof written, "w");
  mg_print_wrapped(column, indent, text, to);
  fclose(to);
  return written;
}

Test(options, lines_of_help_are_80_wide) {
  char text[256] = "", line[81];
  for (int k = 0; k < 20; k++) strcat(text, "word ");
  memset(line, 0, sizeof line);
  for (int k = 0; k < 16; k++) strcat(line, k < 15 ? "word " : "words");
  cr_assert_str_eq(wrapped(0, 0, "short"), "short\n");
  cr_assert_str_eq(wrapped(4, 2, "a line\nand another"), "a line\n  and another\n");
  cr_assert_str_eq(wrapped(0, 0, line), strcat(strcpy(text, line), "\n")); /* 80 fit */
  cr_assert_str_eq(wrapped(1, 3, line) + 74, "\n   words\n");              /* 81 do not */
  char longest[101];
  memset(longest, 'x', 100);
  longest[100] = 0;
  cr_assert_str_eq(wrapped(0, 2, longest), strcat(strcpy(text, longest), "\n"));
}
