using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>A registered contact is one trace, from the call that submits it to the call of Zoho.</summary>
public sealed class TraceTests : IClassFixture<Zoho>, IAsyncLifetime
{
    private readonly Zoho _zoho;
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;
    private Campaigns _campaigns = null!;

    public TraceTests(Zoho zoho)
    {
        _zoho = zoho;
        _listener = new ActivityListener
        {
            ShouldListenTo = source =>
                source.Name is "ZohoPlatform.CampaignsService" or "Grpc.Net.Client" or "System.Net.Http" or "Microsoft.AspNetCore",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public async Task InitializeAsync() => _campaigns = await Campaigns.StartAsync(_zoho, _clock, pushes: false);

    public async Task DisposeAsync()
    {
        await _campaigns.DisposeAsync();
        _listener.Dispose();
    }

    [Fact]
    public async Task The_worker_its_call_of_the_token_service_and_its_call_of_zoho_are_in_the_trace_that_submitted_the_contact()
    {
        var tenant = await _campaigns.TenantAsync();
        await _campaigns.AddReplicaAsync();

        var (trace, registration) = await SubmitAsync(tenant, "ada@example.com");
        await tenant.EventuallyAsync(registration, RegistrationStatus.Subscribed);

        var push = Assert.Single(await PushesAsync(trace, 1));
        Assert.Equal((ActivityKind.Consumer, ActivityStatusCode.Ok), (push.Kind, push.Status));
        Assert.Equal(registration.Id, push.GetTagItem("registration.id")?.ToString());
        Assert.Equal(["GetAccessToken", "listsubscribe"], MethodsUnder(push));
        // on the other side of the wire it goes on
        var calls = Under(push).Select(call => call.SpanId).ToList();
        Assert.Equal(1, Of(trace).Count(activity => activity.Kind is ActivityKind.Server && calls.Contains(activity.ParentSpanId)));
        Assert.DoesNotContain(
            Of(trace).SelectMany(activity => activity.TagObjects),
            tag => tag.Value?.ToString()?.Contains("ada@example.com", StringComparison.OrdinalIgnoreCase) is true);
    }

    [Fact]
    public async Task An_attempt_that_is_made_days_later_is_in_the_same_trace()
    {
        var tenant = await _campaigns.TenantAsync(connected: false);
        await _campaigns.AddReplicaAsync();

        var (trace, registration) = await SubmitAsync(tenant, "ada@example.com");
        await tenant.EventuallyAsync(registration, RegistrationStatus.NotConfigured);
        var first = Assert.Single(await PushesAsync(trace, 1));
        await _campaigns.Tokens.ConnectAsync(tenant.Id);
        _clock.Advance(TimeSpan.FromDays(3));
        await tenant.EventuallyAsync(registration, RegistrationStatus.Subscribed, _clock);

        var pushes = await PushesAsync(trace, 2);
        Assert.Equal(["not_connected", "done"], pushes.Select(push => push.GetTagItem("registration.outcome")));
        Assert.Equal(ActivityStatusCode.Error, first.Status);
        Assert.Single(pushes.Select(push => push.ParentSpanId).Distinct());
    }

    [Fact]
    public async Task Contacts_that_one_worker_pushes_at_the_same_time_keep_their_own_traces()
    {
        Tenant[] tenants = [await _campaigns.TenantAsync(dataCentre: "us"), await _campaigns.TenantAsync(dataCentre: "eu")];
        var submitted = new List<(Tenant Tenant, string Host, ActivityTraceId Trace, Registration Registration)>();
        foreach (var i in Enumerable.Range(0, 6))
        {
            var tenant = tenants[i % 2];
            var (trace, registration) = await SubmitAsync(tenant, $"user{i}@example.com");
            submitted.Add((tenant, i % 2 == 0 ? "campaigns.zoho.com" : "campaigns.zoho.eu", trace, registration));
        }

        await _campaigns.AddReplicaAsync();

        foreach (var (tenant, host, trace, registration) in submitted)
        {
            await tenant.EventuallyAsync(registration, RegistrationStatus.Subscribed);
            var push = Assert.Single(await PushesAsync(trace, 1));
            Assert.Equal(
                (registration.Id, tenant.Id.ToString()),
                (push.GetTagItem("registration.id")?.ToString(), push.GetTagItem("tenant.id")?.ToString()));
            // what one of them was answered may serve the other's too
            Assert.Equal(["listsubscribe"], MethodsUnder(push).Where(method => method != "GetAccessToken"));
            var subscription = Under(push).Single(call => MethodOf(call) == "listsubscribe");
            Assert.Contains($"/{host}/", AddressOf(subscription), StringComparison.Ordinal);
        }
    }

    private static async Task<(ActivityTraceId Trace, Registration Registration)> SubmitAsync(Tenant tenant, string email)
    {
        using var caller = new Activity("an app").Start();
        return (caller.TraceId, await tenant.SubmitAsync(email));
    }

    // an attempt's activity ends after its outcome can be read
    private Task<List<Activity>> PushesAsync(ActivityTraceId trace, int attempts) => Eventually.GetAsync(
        () => Task.FromResult(Of(trace).Where(activity => activity.Kind is ActivityKind.Consumer).ToList()),
        pushes => pushes.Count == attempts);

    private IEnumerable<Activity> Of(ActivityTraceId trace) => _ended.Where(activity => activity.TraceId == trace);

    // a gRPC call is an activity with the request over HTTP under it
    private List<Activity> Under(Activity push)
    {
        var direct = Of(push.TraceId).Where(activity => activity.ParentSpanId == push.SpanId).Select(activity => activity.SpanId).ToList();
        return [.. Of(push.TraceId).Where(activity => activity.Source.Name == "System.Net.Http"
            && (activity.ParentSpanId == push.SpanId || direct.Contains(activity.ParentSpanId)))];
    }

    private IEnumerable<string> MethodsUnder(Activity push) => Under(push).Select(MethodOf).Order(StringComparer.Ordinal);

    private static string AddressOf(Activity call) => call.GetTagItem("url.full")?.ToString() ?? "";

    private static string MethodOf(Activity call) => new Uri(AddressOf(call)).Segments[^1];
}
