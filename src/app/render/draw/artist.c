#include "app/render/draw/artist.h"

#include <stddef.h>

mg_status mg_artist_create(const mg_env *env, int width, int height, const char *camera,
                           mg_artist **artist) {
  *artist = NULL;
  MG_TRY(mg_mujoco_artist_create(env, width, height, camera, artist));
  if (!*artist) MG_TRY(mg_classic_artist_create(env, width, height, camera, artist));
  if (*artist) return MG_OK;
  return mg_fail(MG_ERR_CONFIG, "%s: nobody knows how to draw this task", mg_env_get_spec(env)->id);
}

void mg_artist_destroy(mg_artist *artist) {
  if (artist) artist->class_->destroy(artist);
}

mg_status mg_artist_draw(mg_artist *artist, const double *qpos, mg_picture *picture) {
  return artist->class_->draw(artist, qpos, picture);
}
