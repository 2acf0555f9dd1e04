/* Files of any bytes through the reader that training uses, with its child process: the HDF5
 * library may crash there, which has to come back as a sentence. */
#include "demo_zip.h"
#include "demos/dataset.h"
#include "fuzz_target.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 20 };

static void check(const mg_dataset *d) {
  if (d->trajectories < 1 || d->observation_size < 1 || d->action_size < 1)
    fuzz_fail("no data set");
  for (int k = 0; k < d->trajectories; k++) {
    const mg_trajectory *t = &d->trajectory[k];
    double sum = 0;
    if (t->steps < 1) fuzz_fail("no steps");
    for (int64_t i = 0; i < (t->steps + 1) * d->observation_size; i++)
      sum += 0 * t->observations[i];
    for (int64_t i = 0; i < t->steps * d->action_size; i++) sum += 0 * t->actions[i];
    if (sum != 0) fuzz_fail("values that are not finite were let through");
  }
}

static void *make_file(fuzz_source *s, size_t *size) {
  static demo_model model;
  demo_archive archive;
  unsigned layout = fuzz_below(s, DEMO_LAYOUTS + 2);
  if (layout >= DEMO_LAYOUTS) {
    layout == DEMO_LAYOUTS ? demo_archive_sb2(2, 3, &archive)
                           : demo_archive_imitation(2, 3, &archive);
    return demo_archive_write(&archive, size);
  }
  demo_model_make((demo_layout)layout, 2, 3, &model);
  if (fuzz_byte(s) % 2)
    for (int i = 0; i < model.items; i++)
      model.item[i].storage = DEMO_CHUNKED, model.item[i].filters = DEMO_DEFLATE | DEMO_FLETCHER;
  return demo_model_write(&model, size);
}

static void write_changed(fuzz_source s) {
  size_t size = 0;
  uint8_t *file = make_file(&s, &size);
  if (!file) fuzz_fail("a good file cannot be written");
  fuzz_overwrite(&s, file, size);
  close(fuzz_file(file, size));
  free(file);
}

static bool is_file(const uint8_t *bytes, size_t size) {
  return size >= 4 && (memcmp(bytes, "\211HDF", 4) == 0 || memcmp(bytes, "PK\3\4", 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  if (is_file(bytes, size))
    close(fuzz_file(bytes, size));
  else
    write_changed((fuzz_source){bytes, size});
  const char *path = fuzz_file_path();
  mg_arena *arena = mg_arena_create();
  mg_dataset dataset;
  const mg_dataset_options options = {.max_bytes = MOST_BYTES};
  mg_status status = mg_dataset_read(path, &options, arena, &dataset);
  fuzz_check_status(status, path);
  if (status == MG_OK) check(&dataset);
  if (status != MG_OK && size <= 1) fuzz_fail("a good file was refused: %s", mg_status_message());
  mg_arena_destroy(arena);
  return 0;
}
