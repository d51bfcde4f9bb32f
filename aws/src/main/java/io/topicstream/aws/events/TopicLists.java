package io.topicstream.aws.events;

import io.topicstream.events.SinkDefinition;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which topics patterns mean, each listed once in a call however many sinks have it. Blocks; thread-safe.
final class TopicLists {
    private static final int PAGE = 500;
    /// How many names one call looks at, for each pattern.
    private static final int MOST = 5_000;

    private final TopicLog log;
    private final CallTime time;
    /// After which name the next call goes on, by pattern; none: it begins at the front. Guarded by this.
    private final Map<TopicPattern, String> walked;

    // Guarded by this.
    private final Map<TopicPattern, List<TopicExtent>> lists = new HashMap<>();

    /// @param walked kept from call to call; of one call at a time
    TopicLists(TopicLog log, CallTime time, Map<TopicPattern, String> walked) {
        this.log = log;
        this.time = time;
        this.walked = walked;
    }

    /// The next topics of an open pattern.
    synchronized List<TopicExtent> of(TopicPattern pattern) throws NotNowException {
        List<TopicExtent> known = lists.get(pattern);
        if (known != null) {
            return known;
        }
        String prefix = pattern.text().substring(0, pattern.text().length() - 1);
        List<TopicExtent> found = new ArrayList<>();
        String after = walked.getOrDefault(pattern, "");
        boolean isLast = false;
        for (int names = 0; !isLast && names < MOST && time.isOpen(); names += PAGE) {
            List<TopicExtent> page = Asked.of(log.topics(prefix, after, PAGE), time.patience());
            page.stream().filter(each -> pattern.means(each.topic())).forEach(found::add);
            isLast = page.size() < PAGE;
            if (!isLast) {
                after = SinkDefinition.beyondReserved(
                        pattern, page.getLast().topic().value());
            }
        }
        if (isLast) {
            walked.remove(pattern);
        } else {
            walked.put(pattern, after);
        }
        lists.put(pattern, found);
        return found;
    }

    /// Whether the last topics of the pattern were among those of this call.
    synchronized boolean isWhole(TopicPattern pattern) {
        return !walked.containsKey(pattern);
    }
}
