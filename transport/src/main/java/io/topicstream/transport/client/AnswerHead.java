package io.topicstream.transport.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The head of an answer, and what it says of the body (RFC 9112, 4 to 6 and 9.3).
///
/// More is taken than from clients, since servers are chosen by who runs us, and some are old: lines may end with LF
/// alone, and fields may be folded. What could make two answers of one is not taken: several lengths, a length
/// that is no number, codings of the transfer that are not known.
///
/// @param fields by their names in any case
/// @param length of the body in bytes, or [#CHUNKED], or [#UNTIL_CLOSED]
/// @param keepsOpen whether another request may follow on the connection
record AnswerHead(int status, Map<String, List<String>> fields, long length, boolean keepsOpen) {
    static final long CHUNKED = -1;
    static final long UNTIL_CLOSED = -2;

    private static final int MOST_LENGTH_DIGITS = 18;
    private static final boolean[] NAME = names();

    private static boolean[] names() {
        boolean[] names = new boolean[256];
        for (int i = '!'; i < 0x7F; i++) {
            names[i] = Character.isLetterOrDigit(i) || "!#$%&'*+-.^_`|~".indexOf(i) >= 0;
        }
        return names;
    }

    /// Whether another answer follows this one.
    boolean isInterim() {
        return status < 200;
    }

    /// Reads a head.
    ///
    /// @param in the head to its empty line
    /// @param to where that ends
    /// @param forHead whether the request was one of the method HEAD, whose answers have no body
    static AnswerHead read(byte[] in, int to, boolean forHead) throws ProtocolException {
        if (to < 13
                || in[0] != 'H'
                || in[1] != 'T'
                || in[2] != 'T'
                || in[3] != 'P'
                || in[4] != '/'
                || in[5] != '1'
                || in[6] != '.'
                || !isDigit(in[7])
                || in[8] != ' ') {
            throw new ProtocolException("The answer is none of HTTP/1.1.");
        }
        boolean http10 = in[7] == '0';
        if (!isDigit(in[9]) || !isDigit(in[10]) || !isDigit(in[11]) || in[12] > ' ') {
            throw new ProtocolException("The answer has no status.");
        }
        int status = (in[9] - '0') * 100 + (in[10] - '0') * 10 + in[11] - '0';
        // 101 would be another protocol, for which nobody asked.
        if (status < 100 || status == 101 || status > 599) {
            throw new ProtocolException("The answer has the status " + status + ".");
        }
        Map<String, List<String>> fields = fields(in, lineEnd(in, 12), to);
        return framed(status, fields, http10, forHead);
    }

    private static boolean isDigit(byte value) {
        return value >= '0' && value <= '9';
    }

    /// Where the line ends that holds this place: behind its LF.
    private static int lineEnd(byte[] in, int from) {
        int at = from;
        while (in[at] != '\n') {
            at++;
        }
        return at + 1;
    }

    private static Map<String, List<String>> fields(byte[] in, int from, int to) throws ProtocolException {
        Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        List<String> last = null;
        int at = from;
        while (at < to) {
            int next = lineEnd(in, at);
            int end = next - 1;
            if (end > at && in[end - 1] == '\r') {
                end--;
            }
            if (end == at) {
                return fields;
            }
            if (in[at] == ' ' || in[at] == '\t') {
                if (last == null) {
                    throw new ProtocolException("The answer begins with a folded field.");
                }
                last.set(last.size() - 1, (last.getLast() + " " + value(in, at, end)).strip());
            } else {
                int colon = at;
                while (colon < end && NAME[in[colon] & 0xFF]) {
                    colon++;
                }
                if (colon == at || colon == end || in[colon] != ':') {
                    throw new ProtocolException("A field of the answer is malformed.");
                }
                last = fields.computeIfAbsent(new String(in, at, colon - at, ISO_8859_1), _ -> new ArrayList<>(1));
                last.add(value(in, colon + 1, end));
            }
            at = next;
        }
        throw new ProtocolException("The head of the answer has no end.");
    }

    private static String value(byte[] in, int from, int to) throws ProtocolException {
        int begin = from;
        int end = to;
        while (begin < end && (in[begin] == ' ' || in[begin] == '\t')) {
            begin++;
        }
        while (end > begin && (in[end - 1] == ' ' || in[end - 1] == '\t')) {
            end--;
        }
        for (int i = begin; i < end; i++) {
            if ((in[i] >= 0 && in[i] < ' ' && in[i] != '\t') || in[i] == 0x7F) {
                throw new ProtocolException("A field of the answer has an illegal character.");
            }
        }
        return new String(in, begin, end - begin, ISO_8859_1);
    }

    private static AnswerHead framed(int status, Map<String, List<String>> fields, boolean http10, boolean forHead)
            throws ProtocolException {
        long length = length(fields.get("Content-Length"));
        boolean chunked = isChunked(fields.get("Transfer-Encoding"));
        boolean keepsOpen = !http10 && !closes(fields.get("Connection"));
        if (chunked && http10) {
            throw new ProtocolException("The answer of HTTP/1.0 comes in chunks.");
        }
        if (forHead || status < 200 || status == 204 || status == 304) {
            // A server that sends a body nevertheless is found out by its bytes.
            return new AnswerHead(status, fields, 0, keepsOpen);
        }
        if (chunked) {
            // Beside chunks a length means nothing, and who says it is not to be trusted with a further answer.
            return new AnswerHead(status, fields, CHUNKED, keepsOpen && length < 0);
        }
        return length < 0
                ? new AnswerHead(status, fields, UNTIL_CLOSED, false)
                : new AnswerHead(status, fields, length, keepsOpen);
    }

    /// The length that all of these say; -1 for none.
    private static long length(@Nullable List<String> values) throws ProtocolException {
        long length = -1;
        if (values != null) {
            for (String value : values) {
                for (String one : value.indexOf(',') < 0 ? new String[] {value} : value.split(",", -1)) {
                    long each = number(one.strip());
                    if (length >= 0 && length != each) {
                        throw new ProtocolException("The answer has several lengths.");
                    }
                    length = each;
                }
            }
        }
        return length;
    }

    private static long number(String digits) throws ProtocolException {
        long number = 0;
        for (int i = 0; i < digits.length(); i++) {
            char digit = digits.charAt(i);
            if (digit < '0' || digit > '9' || i == MOST_LENGTH_DIGITS) {
                throw new ProtocolException("The length of the answer is no number.");
            }
            number = number * 10 + digit - '0';
        }
        if (digits.isEmpty()) {
            throw new ProtocolException("The length of the answer is no number.");
        }
        return number;
    }

    private static boolean isChunked(@Nullable List<String> values) throws ProtocolException {
        if (values == null) {
            return false;
        }
        if (values.size() == 1 && values.getFirst().equalsIgnoreCase("chunked")) {
            return true;
        }
        throw new ProtocolException("The answer has a transfer coding that is not known.");
    }

    private static boolean closes(@Nullable List<String> values) {
        if (values != null) {
            for (String value : values) {
                for (String option : value.split(",", -1)) {
                    if (option.strip().equalsIgnoreCase("close")) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
