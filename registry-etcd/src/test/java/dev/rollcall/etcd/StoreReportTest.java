package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Diagnosis.Contact;
import io.etcd.jetcd.api.Member;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoreReportTest {
    @Test
    void memberThatTellsThisUserNothingHasAnswered() {
        // etcd 3.5 names its members to anybody and its status to root alone.
        StoreReport report = new StoreReport();
        StoreReport.Asked asked = report.ask(Endpoint.of("127.0.0.1:2379"), new InetSocketAddress("127.0.0.1", 2379));
        asked.refuses = true;
        asked.fault = "it does not tell this user its status";
        report.members(List.of(Member.newBuilder()
                .setID(7)
                .setName("one")
                .addClientURLs("http://127.0.0.1:2379")
                .build()));
        assertThat(report.diagnosis().members()).singleElement().satisfies((Diagnosis.Member member) -> {
            assertThat(member.name()).isEqualTo("one");
            assertThat(member.contact()).isEqualTo(Contact.ANSWERED);
            assertThat(member.version()).isNull();
        });
    }
}
