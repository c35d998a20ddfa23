#include "node/archive.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "node/files.h"
#include "vm/base/cursor.h"

#define MAGIC           "LEITHER-BACKUP"
#define MAGIC_SIZE      14
#define ARCHIVE_VERSION 1
#define SALT_SIZE       32
#define HEAD_SIZE       (MAGIC_SIZE + 4 + SALT_SIZE)
#define CHUNK_SIZE      (256 * 1024)
#define CHUNK_LAST      0x80000000U
#define TAG_SIZE        16
#define KEY_SIZE        32
#define NONCE_SIZE      12
#define SCRYPT_LOG2_N   15 /* 32 MB with r = 8 */
#define SCRYPT_R        8
#define SCRYPT_P        1
#define SCRYPT_LOG2_MAX 20
#define SCRYPT_MEMORY   (1100UL * 1024 * 1024)

/* What both directions share. */
struct sealed_stream {
    FILE *file;
    uint8_t head[HEAD_SIZE];
    uint8_t key[KEY_SIZE];
    EVP_CIPHER_CTX *cipher;
    uint64_t chunk_number;
};

static bool derive_key(struct sealed_stream *stream, struct bytes password, struct error *error)
{
    const uint8_t *parameters = stream->head + MAGIC_SIZE + 1;
    uint64_t n = (uint64_t)1 << parameters[0];
    if (EVP_PBE_scrypt((const char *)password.data, password.size, stream->head + MAGIC_SIZE + 4,
                       SALT_SIZE, n, parameters[1], parameters[2], SCRYPT_MEMORY, stream->key,
                       KEY_SIZE)
        != 1)
        return error_set(error, ERROR_IO, "scrypt failed: not enough memory for its parameters");
    stream->cipher = EVP_CIPHER_CTX_new();
    return stream->cipher != NULL || error_set(error, ERROR_IO, "could not set up AES-256-GCM");
}

static void stream_cleanup(struct sealed_stream *stream)
{
    if (stream->file != NULL)
        fclose(stream->file);
    EVP_CIPHER_CTX_free(stream->cipher);
    OPENSSL_cleanse(stream->key, sizeof stream->key);
}

static void store_u32(uint8_t out[4], uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void make_nonce(uint8_t nonce[NONCE_SIZE], uint64_t number)
{
    memset(nonce, 0, NONCE_SIZE);
    for (unsigned i = 0; i < 8; i++)
        nonce[i] = (uint8_t)(number >> (56 - 8 * i));
}

/* Starts a chunk in either direction and authenticates what stands in the clear. */
static bool begin_chunk(struct sealed_stream *stream, bool encrypts, const uint8_t size_word[4])
{
    uint8_t nonce[NONCE_SIZE];
    int ignored;
    make_nonce(nonce, stream->chunk_number++);
    return EVP_CipherInit_ex(stream->cipher, EVP_aes_256_gcm(), NULL, stream->key, nonce,
                             encrypts ? 1 : 0)
               == 1
           && EVP_CipherUpdate(stream->cipher, NULL, &ignored, stream->head, HEAD_SIZE) == 1
           && EVP_CipherUpdate(stream->cipher, NULL, &ignored, size_word, 4) == 1;
}

/* ---- Writing ------------------------------------------------------------------------------------ */

struct archive_writer {
    struct sealed_stream stream;
    char path[PATH_SIZE];
    char beside[PATH_SIZE];
    uint8_t plain[CHUNK_SIZE];
    size_t plain_size;
    bool has_entry;
    bool is_finished;
};

static bool write_out(struct archive_writer *writer, const void *bytes, size_t size,
                      struct error *error)
{
    if (fwrite(bytes, 1, size, writer->stream.file) != size)
        return error_set_errno(error, "could not write %s", writer->beside);
    return true;
}

static bool seal_chunk(struct archive_writer *writer, bool is_last, struct error *error)
{
    struct sealed_stream *stream = &writer->stream;
    uint8_t size_word[4], tag[TAG_SIZE];
    uint8_t *sealed = memory_new(CHUNK_SIZE);
    int size = 0, rest = 0;
    bool ok;

    store_u32(size_word, (uint32_t)writer->plain_size | (is_last ? CHUNK_LAST : 0));
    ok = begin_chunk(stream, true, size_word)
         && EVP_CipherUpdate(stream->cipher, sealed, &size, writer->plain, (int)writer->plain_size)
                == 1
         && EVP_CipherFinal_ex(stream->cipher, sealed + size, &rest) == 1
         && EVP_CIPHER_CTX_ctrl(stream->cipher, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag) == 1;
    if (!ok)
        error_set(error, ERROR_IO, "AES-256-GCM failed while writing %s", writer->beside);
    ok = ok && write_out(writer, size_word, sizeof size_word, error)
         && write_out(writer, sealed, writer->plain_size, error)
         && write_out(writer, tag, sizeof tag, error);
    writer->plain_size = 0;
    free(sealed);
    return ok;
}

static bool append(struct archive_writer *writer, struct bytes bytes, struct error *error)
{
    while (bytes.size > 0) {
        size_t room = CHUNK_SIZE - writer->plain_size;
        size_t size = bytes.size < room ? bytes.size : room;
        memcpy(writer->plain + writer->plain_size, bytes.data, size);
        writer->plain_size += size;
        bytes = bytes_of(bytes.data + size, bytes.size - size);
        if (writer->plain_size == CHUNK_SIZE && !seal_chunk(writer, false, error))
            return false;
    }
    return true;
}

static bool open_for_writing(struct archive_writer *writer, struct error *error)
{
    int fd = open(writer->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return error_set_errno(error, "could not make %s", writer->beside);
    writer->stream.file = fdopen(fd, "wb");
    if (writer->stream.file != NULL)
        return true;
    close(fd);
    return error_set_errno(error, "could not make %s", writer->beside);
}

struct archive_writer *archive_writer_new(const char *path, struct bytes password,
                                          struct error *error)
{
    struct archive_writer *writer = memory_new_zeroed(1, sizeof *writer);
    uint8_t *head = writer->stream.head;

    memcpy(head, MAGIC, MAGIC_SIZE); /* NOLINT(bugprone-not-null-terminated-result): bytes */
    head[MAGIC_SIZE] = ARCHIVE_VERSION;
    head[MAGIC_SIZE + 1] = SCRYPT_LOG2_N;
    head[MAGIC_SIZE + 2] = SCRYPT_R;
    head[MAGIC_SIZE + 3] = SCRYPT_P;
    if (RAND_bytes(head + MAGIC_SIZE + 4, SALT_SIZE) != 1)
        error_set(error, ERROR_IO, "the system gave no random bytes");
    else if (path_format(writer->path, error, "%s", path)
             && path_format(writer->beside, error, "%s.new", path)
             && derive_key(&writer->stream, password, error) && open_for_writing(writer, error)
             && write_out(writer, head, HEAD_SIZE, error))
        return writer;
    archive_writer_free(writer);
    return NULL;
}

static bool append_u32(struct archive_writer *writer, uint32_t value, struct error *error)
{
    uint8_t bytes[4];
    store_u32(bytes, value);
    return append(writer, bytes_of(bytes, sizeof bytes), error);
}

static bool end_entry(struct archive_writer *writer, struct error *error)
{
    bool had_entry = writer->has_entry;
    writer->has_entry = false;
    return !had_entry || append_u32(writer, 0, error);
}

bool archive_writer_entry(struct archive_writer *writer, const char *name, struct error *error)
{
    size_t size = strlen(name);
    assert(size > 0 && size <= ARCHIVE_NAME_MAX);
    uint8_t size_bytes[2] = {(uint8_t)(size >> 8), (uint8_t)size};
    if (!end_entry(writer, error))
        return false;
    writer->has_entry = true;
    return append(writer, bytes_of(size_bytes, sizeof size_bytes), error)
           && append(writer, bytes_of_text(name), error);
}

bool archive_writer_part(struct archive_writer *writer, struct bytes part, struct error *error)
{
    assert(writer->has_entry && part.size <= ARCHIVE_PART_MAX);
    if (part.size == 0)
        return true;
    return append_u32(writer, (uint32_t)part.size, error) && append(writer, part, error);
}

bool archive_writer_finish(struct archive_writer *writer, struct error *error)
{
    const uint8_t end[2] = {0, 0};
    FILE *file = writer->stream.file;

    if (!end_entry(writer, error) || !append(writer, bytes_of(end, sizeof end), error)
        || !seal_chunk(writer, true, error))
        return false;
    writer->stream.file = NULL;
    bool synced = fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (!synced)
        error_set_errno(error, "could not write %s", writer->beside);
    if (fclose(file) != 0 && synced)
        synced = error_set_errno(error, "could not write %s", writer->beside);
    if (!synced)
        return false;
    if (rename(writer->beside, writer->path) != 0)
        return error_set_errno(error, "could not rename %s", writer->beside);
    writer->is_finished = true;
    return dir_sync_of(writer->path, error);
}

void archive_writer_free(struct archive_writer *writer)
{
    if (writer == NULL)
        return;
    if (!writer->is_finished && writer->beside[0] != '\0')
        unlink(writer->beside);
    stream_cleanup(&writer->stream);
    OPENSSL_cleanse(writer->plain, sizeof writer->plain);
    free(writer);
}

/* ---- Reading ------------------------------------------------------------------------------------- */

struct archive_reader {
    struct sealed_stream stream;
    char path[PATH_SIZE];
    uint8_t plain[CHUNK_SIZE];
    size_t plain_size;
    size_t plain_next;
    bool had_last_chunk;
    bool is_in_entry;
};

static bool read_head(struct archive_reader *reader, struct error *error)
{
    uint8_t *head = reader->stream.head;

    if (fread(head, 1, HEAD_SIZE, reader->stream.file) != HEAD_SIZE
        || memcmp(head, MAGIC, MAGIC_SIZE) != 0)
        return error_set(error, ERROR_INVALID, "%s is no backup of lnode", reader->path);
    if (head[MAGIC_SIZE] != ARCHIVE_VERSION)
        return error_set(error, ERROR_VERSION,
                         "%s has backup version %u, this lnode knows %d; use a newer lnode",
                         reader->path, head[MAGIC_SIZE], ARCHIVE_VERSION);
    if (head[MAGIC_SIZE + 1] < 10 || head[MAGIC_SIZE + 1] > SCRYPT_LOG2_MAX
        || head[MAGIC_SIZE + 2] != SCRYPT_R || head[MAGIC_SIZE + 3] != SCRYPT_P)
        return error_set(error, ERROR_INVALID, "%s asks for scrypt parameters beyond the bound",
                         reader->path);
    return true;
}

struct archive_reader *archive_reader_new(const char *path, struct bytes password,
                                          struct error *error)
{
    struct archive_reader *reader = memory_new_zeroed(1, sizeof *reader);

    if (!path_format(reader->path, error, "%s", path))
        goto failed;
    reader->stream.file = fopen(path, "rbe");
    if (reader->stream.file == NULL) {
        error_set_errno(error, "could not open %s", path);
        goto failed;
    }
    if (read_head(reader, error) && derive_key(&reader->stream, password, error))
        return reader;
failed:
    archive_reader_free(reader);
    return NULL;
}

static bool damaged(const struct archive_reader *reader, struct error *error)
{
    if (reader->stream.chunk_number <= 1)
        return error_set(error, ERROR_DENIED, "%s does not open: wrong password, or damaged",
                         reader->path);
    return error_set(error, ERROR_CORRUPT, "%s is damaged or cut short", reader->path);
}

static bool open_chunk(struct archive_reader *reader, struct error *error)
{
    struct sealed_stream *stream = &reader->stream;
    uint8_t size_word[4], tag[TAG_SIZE];
    uint8_t *sealed = memory_new(CHUNK_SIZE);
    int size = 0, rest = 0;
    bool ok = !reader->had_last_chunk && fread(size_word, 1, 4, stream->file) == 4;

    if (ok) {
        struct cursor in = cursor_over(size_word, sizeof size_word);
        uint32_t word = cursor_u32_be(&in);
        reader->plain_size = word & ~CHUNK_LAST;
        reader->had_last_chunk = (word & CHUNK_LAST) != 0;
        ok = reader->plain_size <= CHUNK_SIZE
             && fread(sealed, 1, reader->plain_size, stream->file) == reader->plain_size
             && fread(tag, 1, TAG_SIZE, stream->file) == TAG_SIZE
             && (!reader->had_last_chunk || fgetc(stream->file) == EOF)
             && begin_chunk(stream, false, size_word)
             && EVP_CipherUpdate(stream->cipher, reader->plain, &size, sealed,
                                 (int)reader->plain_size)
                    == 1
             && EVP_CIPHER_CTX_ctrl(stream->cipher, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) == 1
             && EVP_CipherFinal_ex(stream->cipher, reader->plain + size, &rest) == 1;
    }
    free(sealed);
    reader->plain_next = 0;
    if (ok)
        return true;
    reader->plain_size = 0;
    return damaged(reader, error);
}

static bool take(struct archive_reader *reader, uint8_t *out, size_t size, struct error *error)
{
    while (size > 0) {
        size_t left = reader->plain_size - reader->plain_next;
        if (left == 0) {
            if (!open_chunk(reader, error))
                return false;
            continue;
        }
        size_t now = size < left ? size : left;
        memcpy(out, reader->plain + reader->plain_next, now);
        reader->plain_next += now;
        out += now;
        size -= now;
    }
    return true;
}

bool archive_reader_part(struct archive_reader *reader, struct buffer *part, bool *found,
                         struct error *error)
{
    uint8_t bytes[4];

    *found = false;
    if (!reader->is_in_entry)
        return true;
    if (!take(reader, bytes, sizeof bytes, error))
        return false;
    struct cursor in = cursor_over(bytes, sizeof bytes);
    uint32_t size = cursor_u32_be(&in);
    if (size == 0) {
        reader->is_in_entry = false;
        return true;
    }
    if (size > ARCHIVE_PART_MAX)
        return error_set(error, ERROR_CORRUPT, "%s has a part of %u bytes, more than allowed",
                         reader->path, size);
    *found = true;
    return take(reader, buffer_extend(part, size), size, error);
}

static bool skip_entry(struct archive_reader *reader, struct error *error)
{
    struct buffer part = {0};
    bool found = true, ok = true;
    while (ok && found) {
        buffer_clear(&part);
        ok = archive_reader_part(reader, &part, &found, error);
    }
    buffer_cleanup(&part);
    return ok;
}

bool archive_reader_entry(struct archive_reader *reader, char name[ARCHIVE_NAME_MAX + 1],
                          bool *found, struct error *error)
{
    uint8_t bytes[2];

    *found = false;
    if (!skip_entry(reader, error) || !take(reader, bytes, sizeof bytes, error))
        return false;
    size_t size = (size_t)bytes[0] << 8 | bytes[1];
    if (size == 0)
        return (reader->had_last_chunk && reader->plain_next == reader->plain_size)
               || damaged(reader, error);
    if (size > ARCHIVE_NAME_MAX)
        return error_set(error, ERROR_CORRUPT, "%s has a name of %zu bytes", reader->path, size);
    if (!take(reader, (uint8_t *)name, size, error))
        return false;
    name[size] = '\0';
    if (strlen(name) != size)
        return error_set(error, ERROR_CORRUPT, "%s has a name with a zero in it", reader->path);
    reader->is_in_entry = true;
    *found = true;
    return true;
}

void archive_reader_free(struct archive_reader *reader)
{
    if (reader == NULL)
        return;
    stream_cleanup(&reader->stream);
    OPENSSL_cleanse(reader->plain, sizeof reader->plain);
    free(reader);
}
