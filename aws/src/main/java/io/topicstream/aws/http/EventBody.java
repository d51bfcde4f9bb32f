package io.topicstream.aws.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.protocol.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// The bytes of a request's body: out of base64, and out of the coding in which the client sent them.
final class EventBody {
    private EventBody() {}

    /// Why the body cannot be taken.
    static final class UnfitException extends Exception {
        private static final long serialVersionUID = 1L;

        final int status;
        final ErrorCode code;
        final transient Map<String, String> fields;

        private UnfitException(int status, ErrorCode code, String why, Map<String, String> fields) {
            super(why, null, false, false);
            this.status = status;
            this.code = code;
            this.fields = fields;
        }

        private static UnfitException malformed(String why) {
            return new UnfitException(400, ErrorCode.BAD_FRAME, why, Map.of());
        }

        static UnfitException tooLarge(int mostBytes) {
            return new UnfitException(
                    413, ErrorCode.TOO_LARGE, "the body is larger than " + mostBytes + " bytes", Map.of());
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }

    /// @param mostBytes of it, as it came and without a coding
    static byte[] of(HttpEvent event, int mostBytes) throws UnfitException {
        byte[] sent = event.isBase64() ? decoded(event.body()) : event.body().getBytes(UTF_8);
        if (sent.length > mostBytes) {
            throw UnfitException.tooLarge(mostBytes);
        }
        return isGzipped(event) && sent.length > 0 ? inflated(sent, mostBytes) : sent;
    }

    private static byte[] decoded(String base64) throws UnfitException {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw UnfitException.malformed("the body of the event is not base64");
        }
    }

    private static boolean isGzipped(HttpEvent event) throws UnfitException {
        List<String> codings = event.headers("Content-Encoding");
        @Nullable String coding = codings.isEmpty() ? null : codings.getFirst().toLowerCase(Locale.ROOT);
        return switch (coding) {
            case null -> false;
            case "identity" -> false;
            case "gzip", "x-gzip" -> true;
            default ->
                throw new UnfitException(
                        415, ErrorCode.BAD_FRAME, "unknown content coding", Map.of("Accept-Encoding", "gzip"));
        };
    }

    private static byte[] inflated(byte[] sent, int mostBytes) throws UnfitException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(sent))) {
            byte[] body = in.readNBytes(mostBytes);
            if (in.read() >= 0) {
                throw UnfitException.tooLarge(mostBytes);
            }
            return body;
        } catch (IOException e) {
            throw UnfitException.malformed("malformed request body");
        }
    }
}
