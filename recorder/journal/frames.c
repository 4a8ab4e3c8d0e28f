/*
 * Seals the frames of chunks straight into the memory that the log writes from, and reads a chunk back from the log, each
 * entry checked, in one job of the thread pool. frame-sealer.ts and frame-log.ts do the same without it; what is sealed is the same, byte
 * for byte. docs/format.md has the layout.
 *
 * Node-API. All functions run on JavaScript's thread, and `read` does its work in the thread pool.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <node_api.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* OpenSSL is part of Node, which exports it: declared here, no headers need be installed. */
typedef struct evp_cipher_st EVP_CIPHER;
typedef struct evp_cipher_ctx_st EVP_CIPHER_CTX;
typedef struct evp_md_st EVP_MD;
typedef struct evp_md_ctx_st EVP_MD_CTX;
const EVP_CIPHER* EVP_aes_256_gcm(void);
EVP_CIPHER_CTX* EVP_CIPHER_CTX_new(void);
void EVP_CIPHER_CTX_free(EVP_CIPHER_CTX*);
int EVP_CIPHER_CTX_ctrl(EVP_CIPHER_CTX*, int type, int arg, void* pointer);
int EVP_EncryptInit_ex(EVP_CIPHER_CTX*, const EVP_CIPHER*, void* engine, const uint8_t* key, const uint8_t* nonce);
int EVP_EncryptUpdate(EVP_CIPHER_CTX*, uint8_t* out, int* out_bytes, const uint8_t* in, int in_bytes);
int EVP_EncryptFinal_ex(EVP_CIPHER_CTX*, uint8_t* out, int* out_bytes);
const EVP_MD* EVP_sha256(void);
EVP_MD_CTX* EVP_MD_CTX_new(void);
void EVP_MD_CTX_free(EVP_MD_CTX*);
int EVP_DigestInit_ex(EVP_MD_CTX*, const EVP_MD*, void* engine);
int EVP_DigestUpdate(EVP_MD_CTX*, const void* data, size_t bytes);
int EVP_DigestFinal_ex(EVP_MD_CTX*, uint8_t* digest, unsigned int* bytes);
/* zlib too. */
unsigned long crc32_z(unsigned long crc, const uint8_t* data, size_t bytes);
#define EVP_CTRL_AEAD_GET_TAG 0x10

/* In step with recorder/format/cipher.ts. */
#define KEY_BYTES 32
#define HASH_BYTES 32
#define NONCE_BYTES 12
#define ASSOCIATED_BYTES 40
#define LENGTH_BYTES 4
#define TAG_BYTES 16
#define FINAL_FLAG 0x80000000u
/* In step with frame-log.ts: length, CRC-32, chunk, index. */
#define ENTRY_HEAD_BYTES 16

typedef struct {
  EVP_CIPHER_CTX* cipher;
  EVP_MD_CTX* hash;
  /* SHA-256 of the header; index and length word of a frame follow it. */
  uint8_t associated[ASSOCIATED_BYTES];
} Sealer;

typedef struct {
  uint8_t* data;
  size_t length;
} Bytes;

static napi_value fail(napi_env env, const char* code, const char* text) {
  napi_throw_error(env, code, text);
  return NULL;
}

static Bytes bytes_of(napi_env env, napi_value value) {
  Bytes bytes = {NULL, 0};
  if (napi_get_buffer_info(env, value, (void**)&bytes.data, &bytes.length) != napi_ok) return (Bytes){NULL, 0};
  return bytes;
}

static uint32_t uint_of(napi_env env, napi_value value) {
  uint32_t result = UINT32_MAX;
  napi_get_value_uint32(env, value, &result);
  return result;
}

static void write_u32(uint8_t* to, uint32_t value) {
  for (int i = 0; i < 4; i += 1) to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void end_sealer(Sealer* sealer) {
  EVP_CIPHER_CTX_free(sealer->cipher);
  EVP_MD_CTX_free(sealer->hash);
  sealer->cipher = NULL;
  sealer->hash = NULL;
}

static void destroy_sealer(napi_env env, void* data, void* hint) {
  (void)env, (void)hint;
  end_sealer(data);
  free(data);
}

/* createSealer(key, headerHash, head: Buffer): sealer. Its hash begins with the head. */
static napi_value create_sealer(napi_env env, napi_callback_info info) {
  napi_value argv[3], result;
  size_t argc = 3;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  Bytes key = bytes_of(env, argv[0]), header_hash = bytes_of(env, argv[1]), head = bytes_of(env, argv[2]);
  if (key.length != KEY_BYTES || header_hash.length != HASH_BYTES || head.length == 0)
    return fail(env, NULL, "a key, a hash and a head are expected");
  Sealer* sealer = calloc(1, sizeof *sealer);
  if (sealer == NULL) return fail(env, NULL, "no memory for a sealer");
  memcpy(sealer->associated, header_hash.data, HASH_BYTES);
  sealer->cipher = EVP_CIPHER_CTX_new();
  sealer->hash = EVP_MD_CTX_new();
  if (sealer->cipher == NULL || sealer->hash == NULL ||
      EVP_EncryptInit_ex(sealer->cipher, EVP_aes_256_gcm(), NULL, key.data, NULL) != 1 ||
      EVP_DigestInit_ex(sealer->hash, EVP_sha256(), NULL) != 1 ||
      EVP_DigestUpdate(sealer->hash, head.data, head.length) != 1) {
    destroy_sealer(env, sealer, NULL);
    return fail(env, NULL, "OpenSSL refused to begin");
  }
  napi_create_external(env, sealer, destroy_sealer, NULL, &result);
  return result;
}

static int seal_frame(Sealer* sealer, Bytes plaintext, uint8_t* frame, uint32_t index, uint32_t length_word) {
  uint8_t nonce[NONCE_BYTES] = {0};
  uint8_t* ciphertext = frame + LENGTH_BYTES;
  int bytes = (int)plaintext.length, written = 0, more = 0;
  write_u32(nonce + 7, index);
  nonce[11] = length_word >= FINAL_FLAG;
  write_u32(sealer->associated + HASH_BYTES, index);
  write_u32(sealer->associated + HASH_BYTES + 4, length_word);
  write_u32(frame, length_word);
  return EVP_EncryptInit_ex(sealer->cipher, NULL, NULL, NULL, nonce) == 1 &&
         EVP_EncryptUpdate(sealer->cipher, NULL, &written, sealer->associated, ASSOCIATED_BYTES) == 1 &&
         EVP_EncryptUpdate(sealer->cipher, ciphertext, &written, plaintext.data, bytes) == 1 && written == bytes &&
         EVP_EncryptFinal_ex(sealer->cipher, ciphertext + bytes, &more) == 1 && more == 0 &&
         EVP_CIPHER_CTX_ctrl(sealer->cipher, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, ciphertext + bytes) == 1 &&
         EVP_DigestUpdate(sealer->hash, frame, LENGTH_BYTES + plaintext.length + TAG_BYTES) == 1;
}

/* seal(sealer, plaintext, plaintextBytes, target, offset, index, lengthWord): plaintextBytes + 20 bytes of the target */
static napi_value seal(napi_env env, napi_callback_info info) {
  napi_value argv[7];
  size_t argc = 7;
  Sealer* sealer = NULL;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (argc < 7 || napi_get_value_external(env, argv[0], (void**)&sealer) != napi_ok || sealer->cipher == NULL)
    return fail(env, NULL, "a sealer that is still open is expected");
  Bytes plaintext = bytes_of(env, argv[1]), target = bytes_of(env, argv[3]);
  size_t bytes = uint_of(env, argv[2]), offset = uint_of(env, argv[4]);
  if (bytes > plaintext.length || offset > target.length || target.length - offset < LENGTH_BYTES + bytes + TAG_BYTES)
    return fail(env, NULL, "a frame does not fit");
  plaintext.length = bytes;
  if (!seal_frame(sealer, plaintext, target.data + offset, uint_of(env, argv[5]), uint_of(env, argv[6])))
    return fail(env, NULL, "OpenSSL refused to seal a frame");
  return NULL;
}

/* digest(sealer, target: Buffer): SHA-256 over head and frames. The sealer is at its end. */
static napi_value digest(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  size_t argc = 2;
  Sealer* sealer = NULL;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (napi_get_value_external(env, argv[0], (void**)&sealer) != napi_ok || sealer->hash == NULL)
    return fail(env, NULL, "a sealer that is still open is expected");
  Bytes target = bytes_of(env, argv[1]);
  if (target.length != HASH_BYTES || EVP_DigestFinal_ex(sealer->hash, target.data, NULL) != 1)
    return fail(env, NULL, "OpenSSL refused to end a hash");
  end_sealer(sealer);
  return NULL;
}

#if defined(__x86_64__)
#include <immintrin.h>
#define FOLD __attribute__((target("pclmul,sse4.1")))

/* Moves a remainder ahead, past what `keys` stands for, and takes the next 16 bytes in. */
FOLD static __m128i folded(__m128i rest, __m128i keys, __m128i next) {
  __m128i low = _mm_clmulepi64_si128(rest, keys, 0x00), high = _mm_clmulepi64_si128(rest, keys, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/*
 * CRC-32 by carry-less multiplication, some five times as fast as zlib's: Gopal et al., Fast CRC Computation for Generic
 * Polynomials Using PCLMULQDQ Instruction (Intel, 2009), with its constants for the reflected IEEE polynomial.
 * bytes: at least 64, a multiple of 16.
 */
FOLD static uint32_t crc32_folded(uint32_t crc, const uint8_t* data, size_t bytes) {
  const __m128i by64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4), by16 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
  const __m128i to64 = _mm_set_epi64x(0, 0x163cd6124), barrett = _mm_set_epi64x(0x1f7011641, 0x1db710641);
  const __m128i low32 = _mm_set_epi32(0, 0, 0, -1), low64 = _mm_set_epi32(0, 0, -1, -1);
  const __m128i* from = (const __m128i*)data;
  const __m128i* end = from + bytes / 16;
  __m128i lanes[4];
  for (int i = 0; i < 4; i += 1) lanes[i] = _mm_loadu_si128(from + i);
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128((int)~crc));
  for (from += 4; end - from >= 4; from += 4)
    for (int i = 0; i < 4; i += 1) lanes[i] = folded(lanes[i], by64, _mm_loadu_si128(from + i));
  __m128i rest = lanes[0];
  for (int i = 1; i < 4; i += 1) rest = folded(rest, by16, lanes[i]);
  for (; from < end; from += 1) rest = folded(rest, by16, _mm_loadu_si128(from));
  /* 128 bits to 96, to 64, to 32. */
  rest = _mm_xor_si128(_mm_srli_si128(rest, 8), _mm_clmulepi64_si128(rest, by16, 0x10));
  rest = _mm_xor_si128(_mm_srli_si128(rest, 4), _mm_clmulepi64_si128(_mm_and_si128(rest, low32), to64, 0x00));
  __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(rest, low32), barrett, 0x10);
  quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, low32), barrett, 0x00);
  rest = _mm_xor_si128(_mm_and_si128(rest, low64), quotient);
  return ~(uint32_t)_mm_extract_epi32(rest, 1);
}

static size_t foldable(size_t bytes) {
  return bytes < 64 || !__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("sse4.1") ? 0 : bytes & ~(size_t)15;
}
#else
static uint32_t crc32_folded(uint32_t crc, const uint8_t* data, size_t bytes) { return crc; }
static size_t foldable(size_t bytes) { return 0; }
#endif

static uint32_t crc32_of(uint32_t crc, const uint8_t* data, size_t bytes) {
  size_t fast = foldable(bytes);
  if (fast > 0) crc = crc32_folded(crc, data, fast);
  return (uint32_t)crc32_z(crc, data + fast, bytes - fast);
}

/* crc32(memory, offset, bytes): of these bytes, as zlib has it */
static napi_value checksum(napi_env env, napi_callback_info info) {
  napi_value argv[3], result;
  size_t argc = 3;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  Bytes memory = bytes_of(env, argv[0]);
  size_t offset = uint_of(env, argv[1]), bytes = uint_of(env, argv[2]);
  if (offset > memory.length || bytes > memory.length - offset) return fail(env, NULL, "the memory ends before");
  napi_create_uint32(env, crc32_of(0, memory.data + offset, bytes), &result);
  return result;
}

typedef struct {
  napi_async_work work;
  napi_deferred deferred;
  napi_ref target_ref;
  uint8_t* target;
  char path[4096];
  /* Where each piece lies in the file, and its length; one after another they fill the target. */
  double* pieces;
  size_t piece_count;
  int error;
  double bytes_read;
} Reading;

static uint32_t read_u32(const uint8_t* from) {
  return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

/*
 * The payload of the entry whose payload begins at the offset, or what there is of it. Returns the bytes read, or -1: that
 * failed, or the entry is not what was written (EBADMSG).
 */
static ssize_t read_piece(int fd, uint8_t* to, size_t bytes, off_t offset) {
  uint8_t head[ENTRY_HEAD_BYTES];
  size_t filled = 0, wanted = ENTRY_HEAD_BYTES + bytes;
  while (filled < wanted) {
    size_t of_head = filled < ENTRY_HEAD_BYTES ? ENTRY_HEAD_BYTES - filled : 0;
    size_t of_payload = of_head > 0 ? 0 : filled - ENTRY_HEAD_BYTES;
    struct iovec parts[2] = {{head + ENTRY_HEAD_BYTES - of_head, of_head}, {to + of_payload, bytes - of_payload}};
    ssize_t count = preadv(fd, parts, 2, offset - ENTRY_HEAD_BYTES + (off_t)filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) return filled < ENTRY_HEAD_BYTES ? 0 : (ssize_t)(filled - ENTRY_HEAD_BYTES);
    filled += (size_t)count;
  }
  uint32_t crc = crc32_of(crc32_of(0, head + 8, ENTRY_HEAD_BYTES - 8), to, bytes);
  if (read_u32(head) == bytes && read_u32(head + 4) == crc) return (ssize_t)bytes;
  errno = EBADMSG;
  return -1;
}

static void read_pieces(napi_env env, void* data) {
  Reading* reading = data;
  uint8_t* to = reading->target;
  (void)env;
  int fd = open(reading->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    reading->error = errno;
    return;
  }
  for (size_t i = 0; i < reading->piece_count; i += 1) {
    size_t bytes = (size_t)reading->pieces[2 * i + 1];
    ssize_t count = read_piece(fd, to, bytes, (off_t)reading->pieces[2 * i]);
    if (count < 0) reading->error = errno;
    else reading->bytes_read += (double)count;
    if (count < (ssize_t)bytes) break;
    to += bytes;
  }
  close(fd);
}

static void end_reading(napi_env env, napi_status status, void* data) {
  Reading* reading = data;
  napi_value result, message;
  if (status != napi_ok) reading->error = ECANCELED;
  if (reading->error == 0) {
    napi_create_double(env, reading->bytes_read, &result);
    napi_resolve_deferred(env, reading->deferred, result);
  } else {
    napi_value code;
    const char* name = reading->error == ENOENT ? "ENOENT" : reading->error == EBADMSG ? "EBADMSG" : "EIO";
    napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &code);
    napi_create_string_utf8(env, strerror(reading->error), NAPI_AUTO_LENGTH, &message);
    napi_create_error(env, code, message, &result);
    napi_reject_deferred(env, reading->deferred, result);
  }
  napi_delete_reference(env, reading->target_ref);
  napi_delete_async_work(env, reading->work);
  free(reading->pieces);
  free(reading);
}

/* read(path, pieces: Float64Array of offset and length, target, offset): Promise<bytes read>; ENOENT,
 * EBADMSG when an entry is damaged, or another error */
static napi_value read_file(napi_env env, napi_callback_info info) {
  napi_value argv[4], promise, name;
  size_t argc = 4, length = 0, path_bytes = 0;
  double* pieces = NULL;
  double wanted = 0;
  napi_typedarray_type type;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  Bytes target = bytes_of(env, argv[2]);
  size_t offset = uint_of(env, argv[3]);
  if (napi_get_typedarray_info(env, argv[1], &type, &length, (void**)&pieces, NULL, NULL) != napi_ok ||
      type != napi_float64_array)
    return fail(env, NULL, "a table of pieces is expected");
  for (size_t i = 1; i < length; i += 2) wanted += pieces[i];
  if (offset > target.length || wanted > (double)(target.length - offset)) return fail(env, NULL, "the pieces do not fit");
  Reading* reading = calloc(1, sizeof *reading);
  if (reading == NULL || (reading->pieces = malloc(length * sizeof *pieces + 1)) == NULL) {
    free(reading);
    return fail(env, NULL, "no memory to read with");
  }
  memcpy(reading->pieces, pieces, length * sizeof *pieces);
  reading->piece_count = length / 2;
  reading->target = target.data + offset;
  napi_get_value_string_utf8(env, argv[0], reading->path, sizeof reading->path, &path_bytes);
  napi_create_reference(env, argv[2], 1, &reading->target_ref);
  napi_create_promise(env, &reading->deferred, &promise);
  napi_create_string_utf8(env, "cratersync:read", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, NULL, name, read_pieces, end_reading, reading, &reading->work);
  napi_queue_async_work(env, reading->work);
  return promise;
}

NAPI_MODULE_INIT() {
  const struct {
    const char* name;
    napi_callback function;
  } functions[] = {{"createSealer", create_sealer}, {"seal", seal}, {"digest", digest}, {"crc32", checksum}, {"read", read_file}};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i += 1) {
    napi_value function;
    napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function, NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  return exports;
}
