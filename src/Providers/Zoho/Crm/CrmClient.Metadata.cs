using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

public sealed partial class CrmClient
{
    /// <summary>All modules that the connection's user may know of.</summary>
    public Task<Result<CrmModule[]>> GetModulesAsync(ProviderCall call, CancellationToken cancellationToken) =>
        AskForAsync(call, new CrmRequest(CrmMethods.Modules), "modules", CrmModule.Read, cancellationToken);

    /// <summary>The fields of a module; <c>module_not_available</c> where there is none of that API name.</summary>
    public Task<Result<CrmField[]>> GetFieldsAsync(ProviderCall call, string module, CancellationToken cancellationToken) =>
        AskForAsync(call, new CrmRequest(CrmMethods.Fields) { Query = [("module", module)] }, "fields", CrmField.Read, cancellationToken);

    /// <summary>The layouts of a module; <c>module_not_available</c> where there is none of that API name.</summary>
    public Task<Result<CrmLayout[]>> GetLayoutsAsync(ProviderCall call, string module, CancellationToken cancellationToken) =>
        AskForAsync(
            call, new CrmRequest(CrmMethods.Layouts) { Query = [("module", module)] }, "layouts", CrmLayout.Read, cancellationToken);
}
