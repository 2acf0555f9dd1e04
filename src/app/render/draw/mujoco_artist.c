/* Rigid-body tasks by MuJoCo's renderer, as Gymnasium's mujoco/mujoco_rendering.py uses it. */
#include "app/render/draw/artist.h"
#include "app/render/draw/gl_context.h"
#include "envs/mujoco/mujoco_env.h"
#include "envs/mujoco/mujoco_guard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_GEOMS = 1000 };

typedef struct mujoco_artist {
  mg_artist base;
  mg_gl_context *gl;
  mjModel *m; /* of its own, with a buffer of the picture's size */
  mjData *d;
  mjvCamera camera;
  mjvOption option;
  mjvPerturb perturb; /* none */
  mjvScene scene;
  mjrContext context;
  mjrRect all;
  const double *qpos; /* to be drawn, [nq] */
  uint8_t *pixels;    /* [height,width,3], from the bottom */
} mujoco_artist;

/* ---- what MuJoCo may raise errors in ---- */

static void create_body(void *argument) {
  mujoco_artist *a = argument;
  a->d = mj_makeData(a->m);
  mjv_makeScene(a->m, &a->scene, MAX_GEOMS);
  mjr_makeContext(a->m, &a->context, mjFONTSCALE_100);
  mjr_setBuffer(mjFB_OFFSCREEN, &a->context);
}

/* The floor ends 20 or 40 m from the start, and the shadow with it; a cheetah runs 300. So the floor
 * follows the robot by whole periods of its pattern, which nobody sees, and the world's lights with
 * it. */
static void move_stage(const mjModel *m, mjData *d) {
  for (int axis = 0; axis < 2; axis++) {
    double shift = 0;
    for (int g = 0; g < m->ngeom; g++) {
      const int material = m->geom_matid[g];
      if (m->geom_type[g] != mjGEOM_PLANE || m->geom_bodyid[g] != 0 || material < 0) continue;
      const double period = 2 * m->geom_size[3 * g + axis] / m->mat_texrepeat[2 * material + axis];
      if (!(period > 0 && isfinite(period))) continue;
      shift = period * round(d->subtree_com[axis] / period);
      d->geom_xpos[3 * g + axis] += shift;
    }
    for (int l = 0; l < m->nlight; l++)
      if (m->light_bodyid[l] == 0) d->light_xpos[3 * l + axis] += shift;
  }
}

static void draw_body(void *argument) {
  mujoco_artist *a = argument;
  memcpy(a->d->qpos, a->qpos, (size_t)a->m->nq * sizeof(double));
  mj_fwdPosition(a->m, a->d);
  move_stage(a->m, a->d);
  mjv_updateScene(a->m, a->d, &a->option, &a->perturb, &a->camera, mjCAT_ALL, &a->scene);
  mjr_setBuffer(mjFB_OFFSCREEN, &a->context);
  mjr_render(a->all, &a->scene, &a->context);
  mjr_readPixels(a->pixels, NULL, a->all, &a->context);
}

/* ---- the artist ---- */

static mg_status draw(mg_artist *self, const double *qpos, mg_picture *picture) {
  mujoco_artist *a = (mujoco_artist *)self;
  a->qpos = qpos;
  if (!mg_mujoco_guarded(draw_body, a))
    return mg_fail(MG_ERR_INTERNAL, "MuJoCo cannot draw: %s", mg_mujoco_error());
  const size_t stride = 3 * (size_t)picture->width;
  for (int y = 0; y < picture->height; y++)
    memcpy(picture->rgb + (size_t)y * stride,
           a->pixels + (size_t)(picture->height - 1 - y) * stride, stride);
  return MG_OK;
}

static void destroy(mg_artist *self) {
  mujoco_artist *a = (mujoco_artist *)self;
  mjr_freeContext(&a->context);
  mjv_freeScene(&a->scene);
  if (a->d) mj_deleteData(a->d);
  if (a->m) mj_deleteModel(a->m);
  mg_gl_release(a->gl);
  free(a->pixels);
  free(a);
}

static const mg_artist_class mujoco_class = {.draw = draw, .destroy = destroy};

static mg_status choose_camera(mujoco_artist *a, const char *id, const char *asked) {
  const char *name = asked ? asked : "track";
  mjv_defaultCamera(&a->camera);
  const int camera = mj_name2id(a->m, mjOBJ_CAMERA, name);
  if (camera >= 0) {
    a->camera.type = mjCAMERA_FIXED;
    a->camera.fixedcamid = camera;
    return MG_OK;
  }
  if (strcmp(name, "free") == 0) { /* Gymnasium's, but that it goes along with every task */
    a->camera.type = mjCAMERA_TRACKING;
    a->camera.trackbodyid = 1;
    a->camera.distance = 4;
    a->camera.elevation = -20;
    return MG_OK;
  }
  char names[512] = "free";
  for (int i = 0; i < a->m->ncam; i++) {
    const char *other = mj_id2name(a->m, mjOBJ_CAMERA, i);
    const size_t used = strlen(names);
    if (other) snprintf(names + used, sizeof names - used, ", %s", other);
  }
  return mg_fail(MG_ERR_CONFIG, "--camera %s: %s has no such camera; expected one of: %s", name, id,
                 names);
}

static mg_status build(mujoco_artist *a, const mg_env *env, int width, int height,
                       const char *camera) {
  const mg_env_spec *spec = mg_env_get_spec(env);
  const int longest = width > height ? width : height;
  a->m = mj_copyModel(NULL, mg_mujoco_get_model(env));
  a->pixels = malloc((size_t)width * (size_t)height * 3);
  if (!a->m || !a->pixels) return mg_fail(MG_ERR_MEMORY, "%s: no memory to draw", spec->id);
  a->m->vis.global.offwidth = width;
  a->m->vis.global.offheight = height;
  /* MuJoCo's own 4096 are most of a picture's time in software, and not seen in a small one. */
  while (a->m->vis.quality.shadowsize > 1024 && a->m->vis.quality.shadowsize / 2 >= longest)
    a->m->vis.quality.shadowsize /= 2;
  a->all = (mjrRect){0, 0, width, height};
  MG_TRY(choose_camera(a, spec->id, camera));
  MG_TRY(mg_gl_acquire(&a->gl));
  if (!mg_mujoco_guarded(create_body, a))
    return mg_fail(MG_ERR_CONFIG, "MuJoCo cannot draw by %s: %s", mg_gl_describe(a->gl),
                   mg_mujoco_error());
  if (!a->d) return mg_fail(MG_ERR_MEMORY, "%s: no memory to draw", spec->id);
  const mjrRect most = mjr_maxViewport(&a->context);
  if (a->context.currentBuffer != mjFB_OFFSCREEN || most.width < width || most.height < height)
    return mg_fail(MG_ERR_CONFIG, "%s draws no pictures of %d x %d", mg_gl_describe(a->gl), width,
                   height);
  return MG_OK;
}

mg_status mg_mujoco_artist_create(const mg_env *env, int width, int height, const char *camera,
                                  mg_artist **artist) {
  if (!mg_mujoco_get_model(env)) return MG_OK;
  mujoco_artist *a = calloc(1, sizeof *a);
  if (!a) return mg_fail(MG_ERR_MEMORY, "no memory to draw");
  a->base.class_ = &mujoco_class;
  mjv_defaultOption(&a->option);
  mjv_defaultPerturb(&a->perturb);
  mjv_defaultScene(&a->scene);
  mjr_defaultContext(&a->context);
  const mg_status status = build(a, env, width, height, camera);
  if (status != MG_OK) {
    destroy(&a->base);
    return status;
  }
  a->base.fps = (int)lround(1 / mg_env_get_spec(env)->dt);
  a->base.renderer = mg_gl_describe(a->gl);
  *artist = &a->base;
  return MG_OK;
}
