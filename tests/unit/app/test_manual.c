/* Pages and the table of completion: that no text of the tables means something to man or Markdown, and
 * which values of options and settings are known. */
#include "app/manual/completion.h"
#include "app/manual/manual.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const mg_option odd_options[] = {
    {"pi", "A|B", ".so the policy's \\pi(a|s) -1, '.' and <b>"},
    {"last", NULL, "it\n.ends 'here"},
    {0},
};

static const mg_command odd = {
    .name = "odd",
    .summary = "Odd - or *not*",
    .usage = "[WORD]... | -x",
    .description = "'quoted first, then .so and then a line's\n.end [1]",
    .options = odd_options,
};

/* To be freed. */
static char *print(void (*form)(const mg_command *, FILE *), const mg_command *command) {
  char *text;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  form(command, to);
  fclose(to);
  return text;
}

static void check_requests(const mg_command *command) {
  static const char *const macros[] = {".TH ", ".SH ", ".SS ", ".TP", ".PP",
                                       ".BI ", ".B ",  ".BR ", ".br", NULL};
  char *page = print(mg_help_print_man, command), *rest = page;
  for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
    cr_expect(*line != '\'', "a request: %s", line);
    int k = 0;
    while (macros[k] && strncmp(line, macros[k], strlen(macros[k])) != 0) k++;
    cr_expect(*line != '.' || macros[k], "a request: %s", line);
    for (const char *c = line; *c; c++)
      if (*c == '\\') cr_expect(strchr("-&e", *++c), "an escape: %s", line);
  }
  free(page);
}

Test(manual, texts_are_no_requests) {
  check_requests(&odd);
  check_requests(NULL);
  for (const mg_command *const *c = mg_commands; *c; c++) check_requests(*c);
}

Test(manual, man_page) {
  char *page = print(mg_help_print_man, &odd);
  static const char *const expected[] = {
      ".TH MGAIL-ODD 1 \"\" \"mgail ",
      ".SH NAME\nmgail\\-odd \\- odd \\- or *not*\n",
      ".B mgail odd\n[WORD]... | \\-x\n",
      "\n\\&'quoted first, then \\&.so and then a line's\n\\&.end [1]\n",
      ".TP\n.BI \\-\\-pi \" A|B\"\n\\&.so the policy's \\epi(a|s) \\-1, \\&'.' and <b>\n",
      ".TP\n.BI \\-\\-last\nit\n\\&.ends \\&'here\n",
  };
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    cr_expect(strstr(page, expected[i]), "not there: %s\nbut: %s", expected[i], page);
  free(page);
}

Test(manual, markdown_page) {
  char *page = print(mg_help_print_markdown, &odd);
  static const char *const expected[] = {
      "# mgail odd\n\n    mgail odd [WORD]... | -x\n\nOdd - or \\*not\\*.\n",
      "- `--pi A|B`: .so the policy's \\\\pi(a\\|s) -1, '.' and \\<b\\>\n- `--last`: ",
  };
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    cr_expect(strstr(page, expected[i]), "not there: %s\nbut: %s", expected[i], page);
  free(page);
}

static void check_kind(mg_completion completion, const char *expected) {
  char kind[sizeof completion];
  mg_completion_format(&completion, kind);
  cr_expect_str_eq(kind, expected);
}

Test(manual, values_of_options) {
  check_kind(mg_complete_option(&(mg_option){"json", NULL, ""}), "flag");
  check_kind(mg_complete_option(&(mg_option){"seed", "N", ""}), "text");
  check_kind(mg_complete_option(&(mg_option){"policy", "raw|average", ""}), "=raw,average");
  check_kind(mg_complete_option(&(mg_option){"checkpoint", "RUN|FILE", ""}), "file");
  check_kind(mg_complete_option(&(mg_option){"output", "FILE|DIR/", ""}), "file");
  check_kind(mg_complete_option(&(mg_option){"output", "DIR", ""}), "folder");
  check_kind(mg_complete_option(&(mg_option){"grid", "[NAME=]RUN,...", ""}), "file");
  check_kind(mg_complete_option(&(mg_option){"config", "FILE", ""}), "preset");
  check_kind(mg_complete_option(&(mg_option){"env", "ID", ""}), "task");
  check_kind(mg_complete_option(&(mg_option){"job", "ID", ""}), "text");
  check_kind(mg_complete_option(&(mg_option){"set", "SECTION.KEY=VALUE", ""}), "setting");
  check_kind(mg_complete_option(&(mg_option){"format", "NAME", ""}), "=h5,npz,safetensors,onnx,c");
}

Test(manual, values_of_settings) {
  check_kind(mg_complete_setting(mg_config_find("run", "env")), "task");
  check_kind(mg_complete_setting(mg_config_find("run", "seed")), "text");
  check_kind(mg_complete_setting(mg_config_find("run", "sync")), "=parameters,gradients");
  check_kind(mg_complete_setting(mg_config_find("data", "expert")), "file");
  check_kind(mg_complete_setting(mg_config_find("data", "skip_bad")), "=on,off");
}

/* A tab or a line's end in a help would make other fields of it. */
Test(manual, table_of_completion) {
  char *text;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  mg_help_print_completion(to);
  fclose(to);
  static const struct {
    const char *role;
    int fields;
  } roles[] = {{"command", 3}, {"option", 5}, {"verb", 3},   {"word", 3},
               {"setting", 4}, {"task", 2},   {"presets", 2}};
  cr_expect(strstr(text, "\noption\ttrain\t--resume\tflag\t"));
  cr_expect(strstr(text, "\noption\ttrain\t--seed\ttext\t"), "a setting's shorthand");
  char *rest = text;
  for (char *line = strsep(&rest, "\n"); line && *line; line = strsep(&rest, "\n")) {
    int fields = 1;
    for (const char *c = line; *c; c++) fields += *c == '\t';
    size_t k = 0;
    while (k < sizeof roles / sizeof *roles &&
           strncmp(line, roles[k].role, strcspn(line, "\t")) != 0)
      k++;
    cr_assert(k < sizeof roles / sizeof *roles, "unknown: %s", line);
    cr_expect_eq(fields, roles[k].fields, "%s", line);
  }
  free(text);
}

Test(manual, forms) {
  static char *asked[] = {"train", "--help=man"}, *hidden[] = {"train", "--", "--help=man"},
              *unknown[] = {"--help=", "x"}, *whole[] = {"--help=completion"};
  FILE *nowhere = fopen("/dev/null", "w");
  cr_expect(mg_help_asked(2, asked) && !mg_help_asked(3, hidden) && !mg_help_asked(1, asked));
  cr_expect(mg_help_print(NULL, 2, unknown, nowhere) == MG_ERR_USAGE);
  cr_expect(strstr(mg_status_message(), "--help=: expected text, markdown, man or completion"));
  cr_expect(mg_help_print(&odd, 1, whole, nowhere) == MG_ERR_USAGE);
  cr_expect(strstr(mg_status_message(), "odd: --help=completion is of the whole program"));
  cr_expect(mg_help_print(NULL, 1, whole, nowhere) == MG_OK);
  fclose(nowhere);
}
