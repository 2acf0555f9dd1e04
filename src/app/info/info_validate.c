#include "algo/demonstrated.h"
#include "app/info/info.h"
#include "demos/judge/validate.h"

#include <inttypes.h>
#include <stdio.h>

static void print_note(void *user, mg_note_kind kind, const char *name, const char *text) {
  (void)name;
  const char *path = user;
  if (kind != MG_NOTE_FACT)
    printf("%s: %s%s\n", path, kind == MG_NOTE_REMARK ? "remark: " : "", text);
}

/* Compares with the task that was given, or else that the file names, as far as it is one of
 * ours. */
static mg_status validate(const char *path, const char *given, int64_t *problems) {
  mg_demonstrated_file f;
  MG_TRY(mg_demonstrated_open(path, given, &f));
  const mg_status status = mg_dataset_validate(path, f.env ? &f.expected.task : NULL, print_note,
                                               (void *)(uintptr_t)path, problems);
  mg_demonstrated_close(&f);
  return status;
}

mg_status mg_info_validate(const char *path, const char *task, int64_t *problems) {
  *problems = 0;
  MG_TRY(validate(path, task, problems));
  if (*problems == 0)
    printf("%s: valid\n", path);
  else
    printf("%s: %" PRIi64 " %s\n", path, *problems, *problems == 1 ? "problem" : "problems");
  return MG_OK;
}
