using System.Globalization;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>
/// Zoho Campaigns API v1.1. Whether a call succeeded is decided by the body: Zoho answers 200 to most refusals. A failure's
/// <c>CampaignsClass</c> (<see cref="CampaignsFailures"/>) says what follows from it. Calls wait for nothing: where the quota is used up
/// they fail with <c>quota_reached</c> and the time until it is not.
/// </summary>
public sealed partial class CampaignsClient(HttpClient http, QuotaGovernor quota)
{
    /// <summary>
    /// How much of every method's quota the call's account has used, method by method; <c>quota_unknown</c> when Redis does not answer.
    /// </summary>
    public async Task<Result<CampaignsQuota[]>> GetQuotaAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        var states = await Task.WhenAll(CampaignsMethods.All.Select(method =>
            quota.GetStateAsync(QuotaScope(call), method.Quota, cancellationToken)));
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

    // Zoho counts by account. Where nobody knows which one a connection belongs to, a tenant's connections count together, to be safe
    private static string QuotaScope(ProviderCall call) =>
        $"zoho-campaigns:{call.DataCentre}:{(call.AccountId.Length > 0 ? call.AccountId : call.Tenant)}";

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

    private async Task<Result<CampaignsAnswer>> SendAsync(
        ProviderCall call, CampaignsMethod method, List<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        if (DataCentres.Find(call.DataCentre)?.CampaignsHost is not { } campaignsHost)
        {
            return CampaignsFailures.NotOffered(call.DataCentre);
        }

        // Zoho answers 401 as it does to a bad token, and the token service would have to find out which it was
        if (ZohoProvider.Lacks(call.GrantedScopes, method.Scope))
        {
            return CampaignsFailures.ScopesMissing(method.Scope);
        }

        var scope = QuotaScope(call);
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

        new ProviderRequest(call, scope, method.Quota, method.Repeatable)
        {
            RefusesToken = sent => CampaignsAnswer.RefusesToken(sent) ? true : null,
            NotCovered = call.GrantedScopes.Count == 0 ? CampaignsFailures.ScopesMissing(method.Scope) : null,
        }.AttachTo(request);

        // what may not be done twice was perhaps done where no answer comes
        var noAnswer = method.Repeatable ? CampaignsFailures.Unavailable : CampaignsFailures.OutcomeUnknown;
        if (!(await ProviderAnswer.SendAsync(http, request, noAnswer, cancellationToken)).Succeeded(out var sent, out var failure))
        {
            return failure;
        }

        var read = CampaignsAnswer.Read(sent, method);
        // not cancelled with the caller: everyone has to know
        return !read.Succeeded(out _, out failure) && failure.CampaignsClass is CampaignsCodeClass.Locked
            ? await quota.ReportLockAsync(scope, method.Quota, CancellationToken.None)
            : read;
    }
}
