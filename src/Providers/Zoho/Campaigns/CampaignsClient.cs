using System.Globalization;
using System.Net;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>
/// Zoho Campaigns API v1.1. Whether a call succeeded is decided by the body: Zoho answers 200 to most refusals. A failure's
/// <c>CampaignsClass</c> (<see cref="CampaignsFailures"/>) says what follows from it. Calls wait for nothing: where the quota is used up
/// they fail with <c>quota_reached</c> and the time until it is not.
/// </summary>
public sealed partial class CampaignsClient(HttpClient http, QuotaGovernor quota)
{
    /// <summary>
    /// How much of every method's quota a tenant has used in a data centre, method by method;
    /// <c>quota_unknown</c> when Redis does not answer.
    /// </summary>
    public async Task<Result<CampaignsQuota[]>> GetQuotaAsync(
        TenantId tenant, DataCentre dataCentre, CancellationToken cancellationToken)
    {
        var states = await Task.WhenAll(CampaignsMethods.All.Select(method =>
            quota.GetStateAsync(QuotaScope(dataCentre, tenant), method.Quota, cancellationToken)));
        var quotas = new CampaignsQuota[states.Length];
        for (var i = 0; i < states.Length; i++)
        {
            if (!states[i].Succeeded(out var state, out var failure))
            {
                return failure;
            }

            quotas[i] = new CampaignsQuota(CampaignsMethods.All[i].Quota.Name, state);
        }

        return quotas;
    }

    // Zoho counts by account and does not say which account a connection belongs to: a tenant's connections count together, to be safe
    private static string QuotaScope(DataCentre dataCentre, TenantId tenant) => $"zoho-campaigns:{dataCentre.Code}:{tenant}";

    private static List<KeyValuePair<string, string>> Form(params ReadOnlySpan<(string Name, string Value)> parameters)
    {
        List<KeyValuePair<string, string>> form = [new("resfmt", "JSON")];
        foreach (var (name, value) in parameters)
        {
            form.Add(new(name, value));
        }

        return form;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // a failure, or an answer whose class is Done, AlreadyDone or Empty
    private async Task<Result<Answer>> SendAsync(
        ProviderCall call, CampaignsMethod method, List<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        var dataCentre = call.DataCentre ?? throw new ArgumentException("A call of Zoho Campaigns needs a data centre.", nameof(call));
        if (dataCentre.CampaignsHost is not { } campaignsHost)
        {
            return CampaignsFailures.NotOffered(dataCentre);
        }

        var scope = QuotaScope(dataCentre, call.Tenant);
        using var form = new FormUrlEncodedContent(parameters);
        using var request = new HttpRequestMessage(method.Verb, $"https://{campaignsHost}/api/v1.1/{method.Path}");
        if (method.Verb == HttpMethod.Get)
        {
            request.RequestUri = new Uri($"{request.RequestUri}?{await form.ReadAsStringAsync(cancellationToken)}");
        }
        else
        {
            request.Content = form;
        }

        new ProviderRequest(call, scope, method.Quota, method.Repeatable).AttachTo(request);

        // what may not be done twice was perhaps done where no answer says that it was not
        var (noAnswer, badAnswer) = method.Repeatable
            ? (CampaignsFailures.Unavailable, CampaignsFailures.BadAnswer)
            : (CampaignsFailures.OutcomeUnknown, CampaignsFailures.OutcomeUnknown);
        var sent = await ProviderAnswer.SendAsync(http, request, noAnswer, cancellationToken);
        if (!sent.Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (answer.IsTransient)
        {
            return noAnswer;
        }

        var envelope = CampaignsEnvelope.Read(answer.Body);
        if (IsLock(answer, envelope))
        {
            // not cancelled with the caller: everyone has to know
            return await quota.ReportLockAsync(scope, method.Quota, CancellationToken.None);
        }

        return (answer.Status, envelope) switch
        {
            (HttpStatusCode.Unauthorized, _) => CampaignsCodes.TokenRefused.ToFailure(),
            (_, null) => badAnswer,
            (_, { Code: { } code }) => CampaignsCodes.Find(code, method, envelope.Message) switch
            {
                // it says done and not done
                { Class: CampaignsCodeClass.Done } when envelope.SaysSuccess is false => badAnswer,
                { Class: CampaignsCodeClass.Done or CampaignsCodeClass.AlreadyDone or CampaignsCodeClass.Empty } found =>
                    new Answer(found.Class, envelope),
                var found => found.ToFailure(),
            },
            // data alone are a success; so is a status alone
            (HttpStatusCode.OK, _) when envelope.SaysSuccess is not false => new Answer(CampaignsCodeClass.Done, envelope),
            _ => badAnswer,
        };
    }

    // no page of Zoho's shows what a locked method answers; these are the code of its sister product and what others have met
    private static bool IsLock(ProviderAnswer answer, CampaignsEnvelope? envelope) =>
        answer.Status is HttpStatusCode.TooManyRequests
        || envelope?.Code == CampaignsCodes.CallLimitExceeded
        || ((envelope is null || !CampaignsCodes.IsDocumented(envelope.Code))
            && answer.Status is not HttpStatusCode.Unauthorized
            && SpeaksOfCallLimit(envelope?.Message ?? answer.Body));

    private static bool SpeaksOfCallLimit(string text) =>
        text.Contains("call limit", StringComparison.OrdinalIgnoreCase)
        || text.Contains("calls limit", StringComparison.OrdinalIgnoreCase)
        || text.Contains("limit exceeded", StringComparison.OrdinalIgnoreCase)
        || text.Contains("too many requests", StringComparison.OrdinalIgnoreCase);

    private sealed record Answer(CampaignsCodeClass Class, CampaignsEnvelope Envelope);
}
