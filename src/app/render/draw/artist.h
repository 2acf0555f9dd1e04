/* Who draws the states of one task.
 *
 * Rigid-body tasks: MuJoCo's own renderer, through EGL or OSMesa (gl_context.h), from the camera that
 * Gymnasium looks through. Classic tasks: Cairo, after Gymnasium's pictures. What either needs is
 * looked for when an artist is made. */
#ifndef MG_RENDER_ARTIST_H
#define MG_RENDER_ARTIST_H

#include "app/render/draw/picture.h"
#include "envs/env.h"

typedef struct mg_artist mg_artist;

typedef struct mg_artist_class {
  mg_status (*draw)(mg_artist *self, const double *qpos, mg_picture *picture);
  void (*destroy)(mg_artist *self);
} mg_artist_class;

/* What every artist begins with. */
struct mg_artist {
  const mg_artist_class *class_;
  int fps;              /* pictures a second, one a step, in which the task plays as in Gymnasium */
  const char *renderer; /* "Cairo", "EGL, llvmpipe ...": valid as long as the artist */
};

/* For pictures of width x height of the task of `env`. camera Nullable: Gymnasium's, "track"; else the
 * name of one of the model's, or "free": from the side, not moving. MG_ERR_CONFIG if the task cannot be drawn,
 * has no such camera, or nothing draws on this machine (the sentence says what to install);
 * MG_ERR_MEMORY. The caller destroys it; destroying NULL is a no-op. */
mg_status mg_artist_create(const mg_env *env, int width, int height, const char *camera,
                           mg_artist **artist);
void mg_artist_destroy(mg_artist *artist);

/* All of `picture` [height,width] <- the state with these positions [qpos_size] (mg_env_spec).
 * MG_ERR_INTERNAL if the renderer fails. */
mg_status mg_artist_draw(mg_artist *artist, const double *qpos, mg_picture *picture);

/* The two kinds, tried in this order; *artist stays NULL for a task of another kind. */
mg_status mg_mujoco_artist_create(const mg_env *env, int width, int height, const char *camera,
                                  mg_artist **artist);
mg_status mg_classic_artist_create(const mg_env *env, int width, int height, const char *camera,
                                   mg_artist **artist);

#endif
