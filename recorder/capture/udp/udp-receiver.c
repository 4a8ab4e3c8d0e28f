/*
 * Receives UDP for many ports with few system calls: one epoll_wait tells which ports have something, one recvmmsg a
 * port takes up to 64 packets, straight into memory that JavaScript reads. Nothing here runs by itself: native-receiver.ts
 * says when to look. The kernel stamps each packet with its arrival, so that looking late costs no accuracy.
 *
 * Node-API. All functions run on JavaScript's thread.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <node_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* In step with native-receiver.ts. */
#define SLOTS 256
#define SLOT_BYTES 2048
#define META_FIELDS 4

#define BATCH 64
/* A port with more than so many batches waits for the next look: the others have their turn, and the kernel drops the rest. */
#define MAX_ROUNDS 16
#define MAX_PORTS 4096
#define MAX_AGE_US 60000000

typedef struct {
  int fd; /* -1: free */
  struct sockaddr_in source; /* sin_port 0: nothing is listened to */
  uint32_t foreign;
  uint32_t oversized;
} Port;

typedef struct {
  struct mmsghdr messages[SLOTS];
  struct iovec vectors[SLOTS];
  struct sockaddr_in senders[SLOTS];
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(struct timespec))];
  } control[SLOTS];
  int epoll_fd;
  struct epoll_event ready[MAX_PORTS];
  int ready_count;
  int ready_next;
  /* Of those that were read, so many gave a whole batch, and now stand first. */
  int ready_again;
  int rounds;
  int32_t* meta;
  napi_ref slab_ref;
  napi_ref meta_ref;
  Port ports[MAX_PORTS];
} Receiver;

static napi_value fail(napi_env env, int error, const char* call) {
  napi_value code, message, value;
  const char* name = error == EADDRNOTAVAIL ? "EADDRNOTAVAIL" : error == EMFILE ? "EMFILE" : "EUDP";
  char text[160];
  snprintf(text, sizeof text, "%s: %s", call, strerror(error));
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &code);
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, code, message, &value);
  napi_throw(env, value);
  return NULL;
}

/* The arguments after the receiver. Both come from our own TypeScript: their types are not checked again. */
static Receiver* arguments(napi_env env, napi_callback_info info, napi_value* values, size_t count) {
  napi_value all[8];
  size_t given = count + 1;
  Receiver* receiver = NULL;
  napi_get_cb_info(env, info, &given, all, NULL, NULL);
  if (given < count + 1 || napi_get_value_external(env, all[0], (void**)&receiver) != napi_ok) {
    napi_throw_type_error(env, NULL, "a receiver and its arguments are expected");
    return NULL;
  }
  memcpy(values, all + 1, count * sizeof(napi_value));
  return receiver;
}

static int32_t int_of(napi_env env, napi_value value) {
  int32_t result = -1;
  napi_get_value_int32(env, value, &result);
  return result;
}

static Port* port_of(napi_env env, Receiver* receiver, napi_value value) {
  int32_t id = int_of(env, value);
  if (id < 0 || id >= MAX_PORTS || receiver->ports[id].fd < 0) return NULL;
  return &receiver->ports[id];
}

static void destroy(napi_env env, void* data, void* hint) {
  Receiver* receiver = data;
  (void)hint;
  for (int id = 0; id < MAX_PORTS; id += 1)
    if (receiver->ports[id].fd >= 0) close(receiver->ports[id].fd);
  close(receiver->epoll_fd);
  napi_delete_reference(env, receiver->slab_ref);
  napi_delete_reference(env, receiver->meta_ref);
  free(receiver);
}

/* create(slab: Buffer, meta: Int32Array): receiver. Packets go to the slab, and what is known of them to meta. */
static napi_value create(napi_env env, napi_callback_info info) {
  napi_value argv[2], result;
  size_t argc = 2, bytes = 0, length = 0;
  char* slab = NULL;
  void* meta = NULL;
  napi_typedarray_type type;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (napi_get_buffer_info(env, argv[0], (void**)&slab, &bytes) != napi_ok || bytes < SLOTS * SLOT_BYTES ||
      napi_get_typedarray_info(env, argv[1], &type, &length, &meta, NULL, NULL) != napi_ok ||
      type != napi_int32_array || length < SLOTS * META_FIELDS) {
    napi_throw_type_error(env, NULL, "a slab and its table are expected");
    return NULL;
  }
  Receiver* receiver = calloc(1, sizeof *receiver);
  if (receiver == NULL) return fail(env, ENOMEM, "calloc");
  receiver->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (receiver->epoll_fd < 0) {
    int error = errno;
    free(receiver);
    return fail(env, error, "epoll_create1");
  }
  receiver->meta = meta;
  for (int id = 0; id < MAX_PORTS; id += 1) receiver->ports[id].fd = -1;
  for (int slot = 0; slot < SLOTS; slot += 1) {
    struct msghdr* header = &receiver->messages[slot].msg_hdr;
    receiver->vectors[slot].iov_base = slab + slot * SLOT_BYTES;
    receiver->vectors[slot].iov_len = SLOT_BYTES;
    header->msg_iov = &receiver->vectors[slot];
    header->msg_iovlen = 1;
    header->msg_name = &receiver->senders[slot];
    header->msg_control = &receiver->control[slot];
  }
  napi_create_reference(env, argv[0], 1, &receiver->slab_ref);
  napi_create_reference(env, argv[1], 1, &receiver->meta_ref);
  napi_create_external(env, receiver, destroy, NULL, &result);
  return result;
}

static int bound_socket(const struct sockaddr_in* address, int buffer_bytes) {
  int on = 1;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  /* A process with CAP_NET_ADMIN gets what it asks for, any other at most net.core.rmem_max. */
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes, sizeof buffer_bytes) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  if (bind(fd, (const struct sockaddr*)address, sizeof *address) != 0) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

/* open(receiver, ip, receiveBufferBytes): [id, port] */
static napi_value open_port(napi_env env, napi_callback_info info) {
  napi_value values[2], result, number;
  Receiver* receiver = arguments(env, info, values, 2);
  if (receiver == NULL) return NULL;
  char ip[64] = "";
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t address_bytes = sizeof address;
  napi_get_value_string_utf8(env, values[0], ip, sizeof ip, NULL);
  if (inet_pton(AF_INET, ip, &address.sin_addr) != 1) return fail(env, EINVAL, "not an IPv4 address");
  int32_t id = 0;
  while (id < MAX_PORTS && receiver->ports[id].fd >= 0) id += 1;
  if (id == MAX_PORTS) return fail(env, EMFILE, "too many ports");
  int fd = bound_socket(&address, int_of(env, values[1]));
  if (fd < 0) return fail(env, errno, "bind");
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)id};
  if (getsockname(fd, (struct sockaddr*)&address, &address_bytes) != 0 ||
      epoll_ctl(receiver->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
    int error = errno;
    close(fd);
    return fail(env, error, "epoll_ctl");
  }
  receiver->ports[id] = (Port){.fd = fd};
  napi_create_array_with_length(env, 2, &result);
  napi_create_int32(env, id, &number);
  napi_set_element(env, result, 0, number);
  napi_create_int32(env, ntohs(address.sin_port), &number);
  napi_set_element(env, result, 1, number);
  return result;
}

/* listenTo(receiver, id, ip, port); port 0: to nothing */
static napi_value listen_to(napi_env env, napi_callback_info info) {
  napi_value values[3];
  Receiver* receiver = arguments(env, info, values, 3);
  Port* port = receiver == NULL ? NULL : port_of(env, receiver, values[0]);
  if (port == NULL) return NULL;
  char ip[64] = "";
  napi_get_value_string_utf8(env, values[1], ip, sizeof ip, NULL);
  port->source = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)int_of(env, values[2]))};
  if (inet_pton(AF_INET, ip, &port->source.sin_addr) != 1) return fail(env, EINVAL, "not an IPv4 address");
  return NULL;
}

/* send(receiver, id, packet) */
static napi_value send_packet(napi_env env, napi_callback_info info) {
  napi_value values[2];
  void* bytes = NULL;
  size_t length = 0;
  Receiver* receiver = arguments(env, info, values, 2);
  Port* port = receiver == NULL ? NULL : port_of(env, receiver, values[0]);
  if (port == NULL || port->source.sin_port == 0) return NULL;
  if (napi_get_buffer_info(env, values[1], &bytes, &length) != napi_ok) return NULL;
  /* UDP promises nothing: what the kernel does not take now is lost on the way. */
  sendto(port->fd, bytes, length, MSG_DONTWAIT, (const struct sockaddr*)&port->source, sizeof port->source);
  return NULL;
}

/*
 * drops(receiver, id): [foreign, oversized, kernel], since it was opened. The last is what SO_RXQ_OVFL would attach to
 * the next packet; here it can be read when no packet follows.
 */
static napi_value drops(napi_env env, napi_callback_info info) {
  napi_value values[1], result, number;
  Receiver* receiver = arguments(env, info, values, 1);
  Port* port = receiver == NULL ? NULL : port_of(env, receiver, values[0]);
  if (port == NULL) return NULL;
  uint32_t memory[SK_MEMINFO_VARS] = {0};
  socklen_t bytes = sizeof memory;
  getsockopt(port->fd, SOL_SOCKET, SO_MEMINFO, memory, &bytes);
  uint32_t counts[3] = {port->foreign, port->oversized, memory[SK_MEMINFO_DROPS]};
  napi_create_array_with_length(env, 3, &result);
  for (uint32_t i = 0; i < 3; i += 1) {
    napi_create_uint32(env, counts[i], &number);
    napi_set_element(env, result, i, number);
  }
  return result;
}

/* close(receiver, id) */
static napi_value close_port(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Receiver* receiver = arguments(env, info, values, 1);
  Port* port = receiver == NULL ? NULL : port_of(env, receiver, values[0]);
  if (port == NULL) return NULL;
  close(port->fd);
  port->fd = -1;
  return NULL;
}

/* look(receiver, id): finds the ports that have something, or takes just one; -1: all. `read` then reads them. */
static napi_value look(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Receiver* receiver = arguments(env, info, values, 1);
  if (receiver == NULL) return NULL;
  int32_t id = int_of(env, values[0]);
  receiver->ready_next = 0;
  receiver->ready_again = 0;
  receiver->rounds = 0;
  if (id >= 0) {
    receiver->ready_count = 1;
    receiver->ready[0].data.u32 = (uint32_t)id;
  } else receiver->ready_count = epoll_wait(receiver->epoll_fd, receiver->ready, MAX_PORTS, 0);
  return NULL;
}

static int64_t us_between(const struct timespec* from, const struct timespec* to) {
  return (int64_t)(to->tv_sec - from->tv_sec) * 1000000 + (to->tv_nsec - from->tv_nsec) / 1000;
}

/* How long ago the kernel took it in. The wall clock may have been set meanwhile: then it is taken as now. */
static int32_t age_of(struct msghdr* header, const struct timespec* now) {
  for (struct cmsghdr* part = CMSG_FIRSTHDR(header); part != NULL; part = CMSG_NXTHDR(header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    struct timespec stamp;
    memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    int64_t age_us = us_between(&stamp, now);
    return age_us < 0 || age_us > MAX_AGE_US ? 0 : (int32_t)age_us;
  }
  return 0;
}

/* Reads one port once, into the slots from `first` on. Returns how many were used; what is none of ours has no entry in meta. */
static int read_port(Receiver* receiver, uint32_t id, int first, int* told) {
  Port* port = &receiver->ports[id];
  if (port->fd < 0) return 0;
  for (int slot = first; slot < first + BATCH; slot += 1) {
    receiver->messages[slot].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
    receiver->messages[slot].msg_hdr.msg_controllen = sizeof receiver->control[slot];
  }
  int count = recvmmsg(port->fd, &receiver->messages[first], BATCH, MSG_DONTWAIT, NULL);
  if (count <= 0) return 0;
  for (int slot = first; slot < first + count; slot += 1) {
    struct mmsghdr* message = &receiver->messages[slot];
    const struct sockaddr_in* sender = &receiver->senders[slot];
    if (sender->sin_port != port->source.sin_port || port->source.sin_port == 0 ||
        sender->sin_addr.s_addr != port->source.sin_addr.s_addr) {
      port->foreign += 1;
    } else if (message->msg_hdr.msg_flags & MSG_TRUNC) {
      port->oversized += 1;
    } else {
      int32_t* entry = receiver->meta + META_FIELDS * *told;
      entry[0] = (int32_t)id;
      entry[1] = slot;
      entry[2] = (int32_t)message->msg_len;
      *told += 1;
    }
  }
  return count;
}

/* A port is read again when all have been read, and it gave a whole batch. */
static int has_ready(Receiver* receiver) {
  if (receiver->ready_next < receiver->ready_count) return 1;
  receiver->rounds += 1;
  receiver->ready_count = receiver->rounds < MAX_ROUNDS ? receiver->ready_again : 0;
  receiver->ready_next = 0;
  receiver->ready_again = 0;
  return receiver->ready_count > 0;
}

/* read(receiver): how many packets the slab holds now; -1 when every port that `look` found was read. */
static napi_value read_ready(napi_env env, napi_callback_info info) {
  napi_value none[1], result;
  Receiver* receiver = arguments(env, info, none, 0);
  if (receiver == NULL) return NULL;
  int used = 0;
  int told = 0;
  while (used + BATCH <= SLOTS && has_ready(receiver)) {
    struct epoll_event* event = &receiver->ready[receiver->ready_next];
    int count = read_port(receiver, event->data.u32, used, &told);
    receiver->ready_next += 1;
    if (count == BATCH) receiver->ready[receiver->ready_again++] = *event;
    used += count;
  }
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  for (int32_t* entry = receiver->meta; entry < receiver->meta + META_FIELDS * told; entry += META_FIELDS)
    entry[3] = age_of(&receiver->messages[entry[1]].msg_hdr, &now);
  napi_create_int32(env, used == 0 ? -1 : told, &result);
  return result;
}

NAPI_MODULE_INIT() {
  const struct {
    const char* name;
    napi_callback function;
  } functions[] = {
      {"create", create}, {"open", open_port}, {"listenTo", listen_to}, {"send", send_packet},
      {"drops", drops},   {"look", look},      {"read", read_ready},    {"close", close_port},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i += 1) {
    napi_value function;
    napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function, NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  return exports;
}
