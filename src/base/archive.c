#include "base/archive.h"

void mg_archive_shared(mg_archive *archive, const char *name, mg_type type, void *data, size_t n) {
  archive->class_->shared(archive, name, type, data, n);
}

void mg_archive_divided(mg_archive *archive, const char *name, mg_type type, void *data,
                        const mg_share *share, size_t steps, size_t entries) {
  archive->class_->divided(archive, name, type, data, share, steps, entries);
}

void mg_archive_text(mg_archive *archive, const char *name, char *text, size_t capacity) {
  archive->class_->text(archive, name, text, capacity);
}

bool mg_archive_has(const mg_archive *archive, const char *name) {
  return archive->class_->has(archive, name);
}

size_t mg_archive_count(const mg_archive *archive, const char *name) {
  return archive->class_->count(archive, name);
}

mg_status mg_archive_status(mg_archive *archive) {
  return archive->class_->status(archive);
}
