#include "demos/judge/content.h"

#include "base/hash.h"
#include "demos/demo_file.h"
#include "files/h5_util.h"

#include <inttypes.h>

const char MG_MARK_CONTENT[] = "content_checksum";

void mg_content_add(mg_content *c, const mg_form *form, const mg_trajectory *t) {
  const size_t steps = (size_t)t->steps, rows = steps + form->final_observation;
  const int64_t head[] = {t->steps, t->terminated, t->truncated || !t->terminated};
  uint64_t hash = c->episodes++ == 0 ? MG_HASH_EMPTY : c->hash;
  hash = mg_hash_more(hash, head, sizeof head);
  hash =
      mg_hash_more(hash, t->observations, rows * (size_t)form->observation_size * sizeof(double));
  hash = mg_hash_more(hash, t->actions, steps * (size_t)form->action_size * sizeof(double));
  if (form->rewards) hash = mg_hash_more(hash, t->rewards, steps * sizeof(double));
  c->hash = hash;
}

bool mg_content_write(const mg_content *content, hid_t file) {
  return mg_h5_write_u64(file, MG_MARK_CONTENT, content->hash);
}

mg_status mg_content_loaded(mg_dataset_file *f, int64_t k, const mg_trajectory *t) {
  uint64_t said;
  if (k == 0) f->content = (mg_content){0};
  if (k != f->content.episodes) return MG_OK;
  mg_content_add(&f->content, &f->form, t);
  const bool whole = k + 1 == f->episodes && f->episodes == f->available;
  if (!whole || f->file < 0 || !mg_h5_read_u64(f->file, MG_MARK_CONTENT, &said) ||
      said == f->content.hash)
    return MG_OK;
  return mg_dataset_wrong(f,
                          "its content has the checksum %016" PRIx64 ", its attribute %s says "
                          "%016" PRIx64 ": damaged, or changed since it was written (without the "
                          "attribute it is taken as it is)",
                          f->content.hash, MG_MARK_CONTENT, said);
}
