#include "support/dataset_fixture.h"

#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <hdf5.h>
#include <string.h>

mg_arena *arena;

void dataset_setup(void) {
  scratch_make();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  arena = mg_arena_create();
}

void dataset_teardown(void) {
  mg_arena_destroy(arena);
  scratch_remove();
}

mg_dataset read_with(const char *path, mg_dataset_options options) {
  mg_dataset d;
  cr_assert(mg_dataset_read(path, &options, arena, &d) == MG_OK, "%s", mg_status_message());
  return d;
}

void assert_refused_with(const char *path, mg_dataset_options options, mg_status status,
                         const char *words) {
  mg_dataset d;
  cr_assert(mg_dataset_read(path, &options, arena, &d) == status, "expected '%s'", words);
  cr_assert(strstr(mg_status_message(), words), "'%s' lacks '%s'", mg_status_message(), words);
}
