/*
 * Puts a whole file under a name in one job of the thread pool, where Node would need one for each of its ten system
 * calls: publish-file.ts does the same without it.
 *
 * Node-API.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <node_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  napi_async_work work;
  napi_deferred deferred;
  napi_ref bytes_ref;
  const char* bytes;
  size_t length;
  char temporary[4096];
  char path[4096];
  char directory[4096];
  int created;
  /* What was refused, and why. */
  const char* call;
  int error;
} Publication;

static int refused(Publication* publication, const char* call) {
  publication->call = call;
  publication->error = errno;
  return 0;
}

static int write_all(Publication* publication, int fd) {
  for (size_t written = 0; written < publication->length;) {
    ssize_t count = write(fd, publication->bytes + written, publication->length - written);
    if (count < 0 && errno != EINTR) return refused(publication, "write");
    if (count > 0) written += (size_t)count;
  }
  return fsync(fd) == 0 || refused(publication, "fsync");
}

static int write_temporary(Publication* publication) {
  int fd = open(publication->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return refused(publication, "open");
  int whole = write_all(publication, fd);
  close(fd);
  return whole;
}

static int link_to_name(Publication* publication) {
  publication->created = link(publication->temporary, publication->path) == 0;
  return publication->created || errno == EEXIST || refused(publication, "link");
}

static int sync_directory(Publication* publication) {
  int fd = open(publication->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return refused(publication, "open");
  int synced = fsync(fd) == 0 || refused(publication, "fsync");
  close(fd);
  return synced;
}

static void run(napi_env env, void* data) {
  Publication* publication = data;
  (void)env;
  if (write_temporary(publication) && link_to_name(publication)) sync_directory(publication);
  if (unlink(publication->temporary) != 0 && errno != ENOENT && publication->error == 0) refused(publication, "unlink");
}

static void set_string(napi_env env, napi_value object, const char* name, const char* text) {
  napi_value value;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, object, name, value);
}

/* As Node tells what a system call refused. */
static napi_value system_error(napi_env env, const Publication* publication) {
  const char* name = strerrorname_np(publication->error);
  char text[sizeof publication->path + 256];
  napi_value message, error;
  if (name == NULL) name = "EIO";
  snprintf(text, sizeof text, "%s: %s, %s '%s'", name, strerror(publication->error), publication->call, publication->path);
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, NULL, message, &error);
  set_string(env, error, "code", name);
  set_string(env, error, "syscall", publication->call);
  return error;
}

static void settle(napi_env env, napi_status status, void* data) {
  Publication* publication = data;
  napi_value result;
  if (status != napi_ok) {
    publication->call = "publish";
    publication->error = ECANCELED;
  }
  if (publication->error == 0) {
    napi_get_boolean(env, publication->created, &result);
    napi_resolve_deferred(env, publication->deferred, result);
  } else {
    napi_reject_deferred(env, publication->deferred, system_error(env, publication));
  }
  napi_delete_reference(env, publication->bytes_ref);
  napi_delete_async_work(env, publication->work);
  free(publication);
}

static int string_of(napi_env env, napi_value value, char* to, size_t room) {
  size_t bytes = 0;
  return napi_get_value_string_utf8(env, value, to, room, &bytes) == napi_ok && bytes < room - 1;
}

/* publish(temporary, path, directory, bytes: Buffer): Promise<whether the name was free>; errors as Node's own */
static napi_value publish(napi_env env, napi_callback_info info) {
  napi_value argv[4], promise, name;
  size_t argc = 4;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  Publication* publication = calloc(1, sizeof *publication);
  if (publication == NULL || !string_of(env, argv[0], publication->temporary, sizeof publication->temporary) ||
      !string_of(env, argv[1], publication->path, sizeof publication->path) ||
      !string_of(env, argv[2], publication->directory, sizeof publication->directory) ||
      napi_get_buffer_info(env, argv[3], (void**)&publication->bytes, &publication->length) != napi_ok) {
    free(publication);
    napi_throw_error(env, NULL, "three paths and bytes are expected");
    return NULL;
  }
  napi_create_reference(env, argv[3], 1, &publication->bytes_ref);
  napi_create_promise(env, &publication->deferred, &promise);
  napi_create_string_utf8(env, "cratersync:publish", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, NULL, name, run, settle, publication, &publication->work);
  napi_queue_async_work(env, publication->work);
  return promise;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "publish", NAPI_AUTO_LENGTH, publish, NULL, &function);
  napi_set_named_property(env, exports, "publish", function);
  return exports;
}
