using System.Diagnostics;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Tests.Registrations;

public sealed class PushTracesTests
{
    [Fact]
    public void An_attempts_log_has_the_submissions_trace_also_where_nobody_collects_traces()
    {
        using var attempt = PushTraces.StartPush(Of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"));

        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", Activity.Current?.TraceId.ToHexString());
    }

    [Fact]
    public void One_that_was_submitted_outside_of_any_has_none() => Assert.Null(PushTraces.StartPush(Of(traceParent: null)));

    private static Claim Of(string? traceParent) =>
        new(new WorkItem(new TenantId(Guid.NewGuid()), Guid.NewGuid(), Attempts: 1), Subject: [], InDoubt: false, GateFailures: 0, traceParent);
}
