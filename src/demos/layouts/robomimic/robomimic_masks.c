/* Lists of episodes by name: mask/<name> [n] texts "demo_7". */
#include "demos/layouts/robomimic/layout_robomimic.h"

#include "demos/extras/h5_extras.h"
#include "files/h5_util.h"

#include <stdio.h>
#include <string.h>

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)group, (void)info;
  char *names = user;
  const size_t used = strlen(names);
  snprintf(names + used, 256 - used, "%s%s", used ? ", " : "", name);
  return 0;
}

/* Names of all lists; "" if there are none. */
static void list_masks(const mg_dataset_file *f, char names[256]) {
  hid_t masks = mg_h5_open_hard(f->file, "mask", H5O_TYPE_GROUP, NULL);
  names[0] = 0;
  if (masks >= 0) H5Literate(masks, H5_INDEX_NAME, H5_ITER_INC, NULL, add_name, names);
  mg_h5_close(masks);
}

void mg_robomimic_remark_masks(mg_dataset_file *f) {
  char names[256];
  list_masks(f, names);
  if (*names && !(f->access.mask && *f->access.mask))
    mg_dataset_remark(f, "has masks (%s) and all episodes are taken; data.mask chooses one of them",
                      names);
}

static mg_status read_mask(mg_dataset_file *f, const char *name, mg_extras *x) {
  char where[96], names[256];
  snprintf(where, sizeof where, "mask/%.64s", name);
  hid_t masks = mg_h5_open_hard(f->file, "mask", H5O_TYPE_GROUP, NULL);
  const bool there = masks >= 0 && mg_h5_is_hard(masks, name, H5O_TYPE_DATASET, NULL);
  mg_status status = there ? mg_h5_extras_read_dataset(f, masks, name, where, name, x) : MG_OK;
  mg_h5_close(masks);
  MG_TRY(status);
  const mg_extra *item = mg_extras_find(x, name, NULL);
  if (item && item->type == MG_TEXT) return MG_OK;
  list_masks(f, names);
  return mg_fail(MG_ERR_DATA, "%s: %s is no list of names; expected data.mask to be one of: %s",
                 f->path, where, *names ? names : "(the file has none)");
}

static mg_episode *find(const mg_dataset_file *f, const char *name) {
  for (int64_t k = 0; k < f->episodes; k++)
    if (strcmp(f->episode[k].name, name) == 0) return &f->episode[k];
  return NULL;
}

mg_status mg_robomimic_mask(mg_dataset_file *f, const char *name) {
  mg_extras x = {0};
  mg_status status = read_mask(f, name, &x);
  const mg_extra *item = status == MG_OK ? mg_extras_find(&x, name, NULL) : NULL;
  for (int64_t k = 0; item && k < f->episodes; k++) f->episode[k].unlisted = true;
  for (uint64_t i = 0; item && i < item->count && status == MG_OK; i++) {
    const char *listed = ((char **)item->values)[i];
    mg_episode *e = find(f, listed);
    if (e)
      e->unlisted = false;
    else
      status = mg_fail(MG_ERR_DATA, "%s: mask/%s lists %.64s, which is not there", f->path, name,
                       listed);
  }
  mg_extras_clear(&x);
  return status;
}
