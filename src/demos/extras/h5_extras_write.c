#include "demos/extras/h5_extras.h"

#include "base/arena.h"
#include "files/h5_util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool mg_h5_write_marks(hid_t file, const mg_form *form) {
  return (form->final_observation || mg_h5_write_i64(file, MG_MARK_FINAL_REPEATED, 1)) &&
         (form->rewards || mg_h5_write_i64(file, MG_MARK_NO_REWARDS, 1));
}

/* What HDF5 is given: the type, and for texts of fixed length a block in place of pointers. */
typedef struct prepared {
  hid_t file, memory, space;
  void *block; /* to be freed, Nullable */
  const void *values;
} prepared;

static prepared prepare(const mg_extra *item) {
  prepared p = {.values = item->values};
  hsize_t dims[MG_EXTRA_MAX_RANK];
  for (int i = 0; i < item->rank; i++) dims[i] = item->dims[i];
  p.space = item->rank < 0    ? H5Screate(H5S_NULL)
            : item->rank == 0 ? H5Screate(H5S_SCALAR)
                              : H5Screate_simple(item->rank, dims, NULL);
  if (item->type != MG_TEXT) {
    p.file = mg_h5_file_type(item->type);
    p.memory = item->type == MG_BOOLEAN ? H5Tcopy(p.file) : mg_h5_memory_type(item->type);
    return p;
  }
  p.file = mg_h5_text_type(item->text_size, item->ascii);
  if (item->text_size) {
    char *const *texts = item->values;
    p.values = p.block = mg_memory_take(1, (size_t)(item->count * item->text_size) + 1);
    for (uint64_t i = 0; p.block && i < item->count; i++)
      memcpy((char *)p.block + i * item->text_size, texts[i],
             strnlen(texts[i], (size_t)item->text_size));
  }
  p.memory = H5Tcopy(p.file);
  return p;
}

static bool release(prepared *p, bool ok) {
  ok = mg_h5_close(p->file) && ok;
  ok = mg_h5_close(p->memory) && ok;
  ok = mg_h5_close(p->space) && ok;
  free(p->block);
  return ok;
}

bool mg_h5_extra_write_attribute(hid_t object, const mg_extra *item) {
  prepared p = prepare(item);
  if (H5Aexists(object, item->name) > 0) H5Adelete(object, item->name);
  hid_t attribute = H5Acreate2(object, item->name, p.file, p.space, H5P_DEFAULT, H5P_DEFAULT);
  bool ok = attribute >= 0 && p.values &&
            (item->count == 0 || H5Awrite(attribute, p.memory, p.values) >= 0);
  ok = mg_h5_close(attribute) && ok;
  return release(&p, ok);
}

bool mg_h5_extra_write_dataset(hid_t group, const char *path, const mg_extra *item) {
  enum { WORTH_PACKING = 1024, MOST_OF_A_CHUNK = 1 << 20 };
  prepared p = prepare(item);
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE), links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  H5Pset_obj_track_times(creation, false);
  uint64_t bytes = item->count * mg_value_type_size(item->type);
  bool ok = true;
  if (item->type != MG_TEXT && bytes < WORTH_PACKING) {
    ok = H5Pset_layout(creation, H5D_COMPACT) >= 0;
  } else if (item->type != MG_TEXT && item->rank > 0) {
    hsize_t chunk[MG_EXTRA_MAX_RANK];
    for (int i = 0; i < item->rank; i++) chunk[i] = item->dims[i];
    uint64_t row = bytes / item->dims[0];
    if (bytes > MOST_OF_A_CHUNK) chunk[0] = row >= MOST_OF_A_CHUNK ? 1 : MOST_OF_A_CHUNK / row;
    ok =
        row > UINT32_MAX / 2 || (H5Pset_chunk(creation, item->rank, chunk) >= 0 &&
                                 H5Pset_shuffle(creation) >= 0 && H5Pset_deflate(creation, 4) >= 0);
  }
  hid_t data =
      ok ? H5Dcreate2(group, path, p.file, p.space, links, creation, H5P_DEFAULT) : H5I_INVALID_HID;
  ok = data >= 0 && p.values &&
       (item->count == 0 || H5Dwrite(data, p.memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, p.values) >= 0);
  ok = mg_h5_close(data) && ok;
  mg_h5_close(creation);
  mg_h5_close(links);
  return release(&p, ok);
}

static bool write_group(hid_t group, const char *path) {
  if (H5Lexists(group, path, H5P_DEFAULT) > 0) return true;
  return mg_h5_close(mg_h5_create_group(group, path));
}

bool mg_h5_extras_write(hid_t group, const mg_extras *x) {
  for (int64_t i = 0; i < x->count; i++) {
    const mg_extra *item = &x->item[i];
    bool ok;
    if (item->name) {
      hid_t owner = *item->path ? H5Oopen(group, item->path, H5P_DEFAULT) : group;
      ok = owner >= 0 && mg_h5_extra_write_attribute(owner, item);
      if (*item->path) mg_h5_close(owner);
    } else {
      ok = item->group ? write_group(group, item->path)
                       : mg_h5_extra_write_dataset(group, item->path, item);
    }
    if (!ok) return false;
  }
  return true;
}
