package io.topicstream.tokens.authorizer;

import io.topicstream.access.Authentication;
import io.topicstream.access.Identity;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Answers of the operator's service that are still good, by what was asked. Bounded in number and in bytes; past it
/// the one goes that was used longest ago. Thread-safe; holds its lock for a look-up only.
final class HttpAuthorizerCache {
    static final int MAX_ANSWERS = 10_000;
    static final int MAX_BYTES = 16 << 20;
    /// About what one takes beside what was answered.
    private static final int OWN_BYTES = 512;

    /// @param fromMs a clock that was set back to before it ends it too, or it would be kept for as long
    private record Kept(Authentication.Known answer, int bytes, long fromMs, long untilMs) {}

    private final int maxAnswers;
    private final int maxBytes;
    /// In the order of use. Guarded by this.
    private final LinkedHashMap<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

    private int keptBytes;
    private long forgotten;

    HttpAuthorizerCache() {
        this(MAX_ANSWERS, MAX_BYTES);
    }

    HttpAuthorizerCache(int maxAnswers, int maxBytes) {
        this.maxAnswers = maxAnswers;
        this.maxBytes = maxBytes;
    }

    /// The answer to a question, if it is still good.
    synchronized Authentication.@Nullable Known get(String question, long nowMs) {
        Kept found = kept.get(question);
        if (found == null) {
            return null;
        }
        if (nowMs < found.fromMs || nowMs >= found.untilMs) {
            remove(question);
            return null;
        }
        return found.answer;
    }

    /// How often something was forgotten.
    synchronized long forgotten() {
        return forgotten;
    }

    /// Keeps an answer from one time until before another, unless something was forgotten meanwhile.
    ///
    /// @param answerBytes how long it was
    /// @param asOf what [#forgotten] was when it was asked for
    synchronized void put(
            String question, Authentication.Known answer, int answerBytes, long asOf, long fromMs, long untilMs) {
        if (asOf != forgotten) {
            return;
        }
        remove(question);
        int bytes = OWN_BYTES + answerBytes;
        kept.put(question, new Kept(answer, bytes, fromMs, untilMs));
        keptBytes += bytes;
        Iterator<Kept> oldest = kept.values().iterator();
        while ((kept.size() > maxAnswers || keptBytes > maxBytes) && oldest.hasNext()) {
            keptBytes -= oldest.next().bytes;
            oldest.remove();
        }
    }

    /// Forgets what was answered about these. Answers to what is being asked are not kept either.
    synchronized void forget(Predicate<Identity> whom) {
        forgotten++;
        kept.values().removeIf(one -> {
            boolean goes = whom.test(one.answer.identity());
            keptBytes -= goes ? one.bytes : 0;
            return goes;
        });
    }

    private void remove(String question) {
        Kept removed = kept.remove(question);
        if (removed != null) {
            keptBytes -= removed.bytes;
        }
    }

    synchronized int size() {
        return kept.size();
    }
}
