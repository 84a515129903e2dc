using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Audit;

/// <summary>The database of the service that logs.</summary>
/// <param name="Service">The service's short name, as its entries carry it.</param>
/// <param name="Actions">All actions that it logs.</param>
/// <param name="For">A context of a tenant.</param>
internal sealed record AuditDatabase(string Service, IReadOnlyList<string> Actions, Func<TenantId, TenantDbContext> For);
