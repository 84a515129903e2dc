using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

public sealed partial class CrmClient
{
    private const string ConvertedDetail = "$converted_detail";
    private const string Leads = "Leads";

    /// <summary>
    /// Makes a lead a contact. <c>lead_already_converted</c> (class <see cref="CrmCodeClass.Converted"/>) where it is one. Never repeated:
    /// where no answer came it is <c>zoho_outcome_unknown</c>, and <see cref="FindConvertedAsync"/> tells whether it was done.
    /// </summary>
    public async Task<Result<CrmConvertedLead>> ConvertLeadAsync(
        ProviderCall call, string leadId, CrmConversion conversion, CancellationToken cancellationToken)
    {
        var asked = new CrmRequest(CrmMethods.Convert) { Module = Leads, Id = CrmIds.Checked(leadId), Body = conversion.ToBody() };
        if (!(await AskAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        // what is queued is told with or without the frame
        var told = answer.Entries("data") is [var first, ..] ? first : answer.Root ?? default;
        var code = CrmRefusal.CodeOf(told);
        if (code is not null && CrmCodes.Find(code, asked.Method, CrmRefusal.MessageOf(told)).Class is not CrmCodeClass.Done)
        {
            return CrmRefusal.Read(told, asked).Failure;
        }

        var details = told.Property("details") ?? told;
        var converted = CrmConvertedLead.Read(details, "Contacts", "Accounts", "Deals") with
        {
            JobId = code == "SCHEDULED" ? details.Text("job_id") : null,
        };
        return converted is { ContactId: null, AccountId: null, JobId: null } ? CrmFailures.OutcomeUnknown : converted;
    }

    /// <summary>
    /// Where a lead went that is not shown any more (<see cref="GetRecordAsync"/> answers <c>record_gone</c>). <c>conversion_not_found</c>
    /// where it was not converted: deleted then (<see cref="ListDeletedAsync"/>), merged into another, or never there.
    /// </summary>
    public async Task<Result<CrmConvertedLead>> FindConvertedAsync(ProviderCall call, string leadId, CancellationToken cancellationToken)
    {
        // converted leads are not given by their id alone
        var found = await ReadByIdsAsync(call, Leads, [leadId], [Id, ConvertedDetail], CrmConverted.Only, cancellationToken);
        if (!found.Succeeded(out var leads, out var failure))
        {
            return failure;
        }

        var detail = leads is [var lead, ..] ? lead.Json.Value(ConvertedDetail) : null;
        return CrmConvertedLead.Read(detail ?? default, "contact", "account", "deal") is { ContactId: not null } converted
            ? converted
            : CrmFailures.ConversionNotFound;
    }
}
