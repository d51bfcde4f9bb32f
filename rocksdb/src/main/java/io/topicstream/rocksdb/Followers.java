package io.topicstream.rocksdb;

import io.topicstream.log.Follower;
import io.topicstream.log.Lane;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Who follows a topic: at most one follower a lane. Never changed: the writer makes another and hands it to
/// the sync thread with the group from which on it holds.
///
/// @param lanes and followers belong together by their place
@SuppressWarnings({"ArrayRecordComponent", "ReferenceEquality"}) // compared by nobody; lanes are what they are
record Followers(Lane[] lanes, Follower[] followers) {
    static final Followers NONE = new Followers(new Lane[0], new Follower[0]);

    int size() {
        return lanes.length;
    }

    boolean isEmpty() {
        return lanes.length == 0;
    }

    /// With the follower, in the place of the one that the lane had.
    Followers with(Lane lane, Follower follower) {
        for (int i = 0; i < lanes.length; i++) {
            if (lanes[i] == lane) {
                Follower[] others = followers.clone();
                others[i] = follower;
                return new Followers(lanes, others);
            }
        }
        Lane[] moreLanes = Arrays.copyOf(lanes, lanes.length + 1);
        Follower[] moreFollowers = Arrays.copyOf(followers, lanes.length + 1);
        moreLanes[lanes.length] = lane;
        moreFollowers[lanes.length] = follower;
        return new Followers(moreLanes, moreFollowers);
    }

    /// Without the follower; null where it is not there.
    @Nullable
    Followers without(Lane lane, Follower follower) {
        for (int i = 0; i < lanes.length; i++) {
            if (lanes[i] == lane && followers[i] == follower) {
                if (lanes.length == 1) {
                    return NONE;
                }
                int last = lanes.length - 1;
                Lane[] fewerLanes = Arrays.copyOf(lanes, last);
                Follower[] fewerFollowers = Arrays.copyOf(followers, last);
                if (i < last) {
                    fewerLanes[i] = lanes[last];
                    fewerFollowers[i] = followers[last];
                }
                return new Followers(fewerLanes, fewerFollowers);
            }
        }
        return null;
    }
}
