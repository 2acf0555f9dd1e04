#include "files/curves/curves_made.h"

#include "base/arena.h"
#include "base/hash.h"
#include "files/curves/curves_file.h"
#include "files/h5_util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 16 /* bytes of an attribute that count */, COLUMN_NAME_MAX = 128 };
static const char CHECKSUM[] = "made_checksum";

typedef struct sum {
  uint64_t hash;
  char *text; /* [TEXT_MAX] */
} sum;

static void add_text(sum *s, const char *text) {
  s->hash = mg_hash_more(s->hash, text, strlen(text) + 1);
}

static void add_attribute(sum *s, hid_t object, const char *name) {
  add_text(s, name);
  if (mg_h5_read_text(object, name, s->text, TEXT_MAX)) add_text(s, s->text);
}

static herr_t visit_attribute(hid_t file, const char *name, const H5A_info_t *info, void *user) {
  (void)info;
  if (strcmp(name, CHECKSUM) != 0) add_attribute(user, file, name);
  return 0;
}

static herr_t visit_column(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)info;
  hid_t data = mg_h5_open_hard(group, name, H5O_TYPE_DATASET, NULL);
  if (data < 0) return -1;
  add_text(user, name);
  add_attribute(user, data, "unit");
  mg_h5_close(data);
  return 0;
}

static bool add_group(sum *s, hid_t file, const char *name) {
  hid_t group = mg_h5_open_hard(file, name, H5O_TYPE_GROUP, NULL);
  const bool ok =
      group >= 0 && H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_column, s) >= 0;
  mg_h5_close(group);
  return ok;
}

static bool compute(hid_t file, uint64_t *checksum) {
  sum s = {MG_HASH_EMPTY, mg_memory_take(TEXT_MAX, 1)};
  hsize_t index = 0;
  const bool ok = s.text &&
                  H5Aiterate2(file, H5_INDEX_NAME, H5_ITER_INC, &index, visit_attribute, &s) >= 0 &&
                  add_group(&s, file, "curves") && add_group(&s, file, "evaluation");
  free(s.text);
  *checksum = s.hash;
  return ok;
}

bool mg_curves_made_seal(hid_t file) {
  uint64_t checksum;
  hid_t group = mg_h5_open_hard(file, "curves", H5O_TYPE_GROUP, NULL);
  const bool ok = group >= 0 && compute(file, &checksum) &&
                  mg_h5_write_u64(file, CHECKSUM, checksum) &&
                  mg_h5_write_u64(group, CHECKSUM, checksum);
  mg_h5_close(group);
  return ok;
}

bool mg_curves_made_is_sound(hid_t file) {
  uint64_t said, copy, checksum;
  hid_t group = mg_h5_open_hard(file, "curves", H5O_TYPE_GROUP, NULL);
  const bool has_copy = group >= 0 && mg_h5_read_u64(group, CHECKSUM, &copy);
  const bool has = mg_h5_read_u64(file, CHECKSUM, &said);
  mg_h5_close(group);
  if (!has && !has_copy) return true;
  return compute(file, &checksum) && (!has || checksum == said) && (!has_copy || checksum == copy);
}

/* Stops at the first that is not, and tells its name. */
static herr_t find_damaged(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)info;
  hid_t data = mg_h5_open_hard(group, name, H5O_TYPE_DATASET, NULL);
  const bool sound = data >= 0 && mg_column_is_sound(data);
  mg_h5_close(data);
  if (!sound) snprintf(user, COLUMN_NAME_MAX, "%s", name);
  return !sound;
}

static mg_status check_columns(const char *path, hid_t file, const char *group_name) {
  char name[COLUMN_NAME_MAX] = "";
  hid_t group = mg_h5_open_hard(file, group_name, H5O_TYPE_GROUP, NULL);
  if (group < 0) return mg_fail(MG_ERR_DATA, "%s: expected a group /%s", path, group_name);
  const herr_t found = H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, find_damaged, name);
  mg_h5_close(group);
  if (found == 0) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%s: damaged: /%s/%s cannot be read or has not its checksum", path,
                 group_name, name);
}

mg_status mg_curves_check(const char *path, hid_t file) {
  MG_TRY(check_columns(path, file, "curves"));
  MG_TRY(check_columns(path, file, "evaluation"));
  if (mg_curves_made_is_sound(file)) return MG_OK;
  return mg_fail(MG_ERR_DATA,
                 "%s: damaged: its columns or attributes are not those it was made with", path);
}
