package io.topicstream.server;

import io.topicstream.access.Anonymous;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authenticator;
import io.topicstream.access.EndedRights;
import io.topicstream.access.FailedCredentials;
import io.topicstream.access.Grant;
import io.topicstream.access.LocalGuests;
import io.topicstream.access.RightsChange;
import io.topicstream.access.RightsEnd;
import io.topicstream.access.StaticTokens;
import io.topicstream.command.Quota;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.config.section.AccessSection;
import io.topicstream.server.http.AccessFigures;
import io.topicstream.tokens.JwtTokens;
import io.topicstream.tokens.authorizer.HttpAuthorizer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// Who is asked who a caller is, in this order: the keys in the store, the tokens in the configuration, those that
/// issuers have signed, the operator's own service, and last those who show nothing.
final class AuthenticatorChain implements AutoCloseable {
    private final List<Authenticator> members = new ArrayList<>();
    private final JwtTokens jwt;
    private final List<HttpAuthorizer> asking = new ArrayList<>();
    private BooleanSupplier endGuests = () -> false;

    AuthenticatorChain(ServerConfig config, ApiKeys keys, InstantSource clock) throws StartException {
        members.add(keys);
        members.add(new StaticTokens(config.access().tokens(), clock));
        this.jwt = StartChecks.openJwt(config, clock);
        members.add(jwt);
        if (config.authorizer() != null) {
            HttpAuthorizer authorizer = new HttpAuthorizer(config.authorizer(), clock);
            members.add(authorizer);
            asking.add(authorizer);
        }
        if (config.isAnonymousAllowed()) {
            Anonymous anonymous = new Anonymous(Grant.DEFAULT);
            if (config.access().anonymous() == AccessSection.Guests.AUTO) {
                LocalGuests guests = new LocalGuests(anonymous, keys::isAny, clock);
                endGuests = guests::close;
                members.add(guests);
            } else {
                members.add(anonymous);
            }
        }
    }

    /// Those that are asked.
    List<Authenticator> members() {
        return members;
    }

    /// To be told that a key was made; answers whether that ended the time in which callers go without a credential.
    BooleanSupplier endGuests() {
        return endGuests;
    }

    /// What is counted of callers.
    AccessFigures figures(FailedCredentials failures, EndedRights rights, Quota quota) {
        Map<String, Long> ended = new LinkedHashMap<>();
        for (RightsEnd why : RightsEnd.values()) {
            ended.put(why.wireName(), rights.connectionsEnded(why));
        }
        Map<String, Long> answers = new LinkedHashMap<>();
        for (HttpAuthorizer authorizer : asking) {
            for (HttpAuthorizer.Found found : HttpAuthorizer.Found.values()) {
                answers.put(found.wireName(), authorizer.found(found));
            }
        }
        return new AccessFigures(failures.total(), ended, quota.refusals(), answers);
    }

    /// Rights have changed: what was found out before may not hold.
    void onRightsChanged(RightsChange change) {
        asking.forEach(authorizer -> authorizer.onRightsChanged(change));
    }

    /// Has asked what can be asked before anybody comes.
    void start() {
        jwt.start();
    }

    /// Asks nobody outside any more.
    @Override
    public void close() {
        jwt.close();
        asking.forEach(HttpAuthorizer::close);
    }
}
