using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

public sealed partial class CrmClient
{
    /// <summary>
    /// Keeps one phone call. Never repeated, and calls have no upsert: where no answer came it is <c>zoho_outcome_unknown</c>, and a mark
    /// of one's own in the subject tells whether it is there.
    /// </summary>
    public async Task<Result<CrmWritten>> CreateCallAsync(ProviderCall call, CrmPhoneCall phoneCall, CancellationToken cancellationToken)
    {
        var asked = Of(CrmMethods.CreateCalls, "Calls", [phoneCall.ToRecord()], runsWorkflows: true);
        return (await WriteAsync(call, asked, CrmAction.Inserted, cancellationToken)).Succeeded(out var written, out var failure)
            ? written[0]
            : failure;
    }
}
